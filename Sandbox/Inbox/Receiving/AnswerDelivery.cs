using System.ComponentModel;
using System.Text.Json;
using Sandbox.Requests;
using ServiceDefaults.Problems;

namespace Sandbox.Inbox.Receiving;

/// <summary>Answers a delivery that is kept, as its inbox was told to.</summary>
internal sealed class AnswerDelivery(TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const string Elsewhere = "/sandbox/inbox/elsewhere", DeliveryHeader = "webhook-delivery";
    private const int DripBytes = 60 * 60;
    private const long HugeBytes = 1024 * 1024 * 1024;
    private static readonly TimeSpan DripInterval = TimeSpan.FromSeconds(1);

    private readonly ReadOnlyMemory<byte> _chunk = Filled(64 * 1024);

    /// <param name="http">The request; its body has been read.</param>
    /// <param name="delivery">What is kept of it.</param>
    /// <param name="behaviour">What is done to it.</param>
    public Task SendAsync(HttpContext http, Delivery delivery, InboxBehaviour behaviour)
    {
        switch (behaviour.Behaviour)
        {
            case InboxBehaviourName.Fail or InboxBehaviourName.Gone:
                return Told(behaviour).ExecuteAsync(http);
            case InboxBehaviourName.TooMany or InboxBehaviourName.Unavailable:
                return (Told(behaviour) with { RetryAfter = behaviour.RetryAfter }).ExecuteAsync(http);
            case InboxBehaviourName.Slow or InboxBehaviourName.Huge or InboxBehaviourName.Drip:
                return LastAsync(http, delivery, behaviour);
            case InboxBehaviourName.Close:
                ConnectionReset.Send(http);
                return Task.CompletedTask;
            case InboxBehaviourName.Redirect:
                http.Response.Redirect(Elsewhere);
                return Task.CompletedTask;
            case InboxBehaviourName.Disable:
                http.Response.Headers[DeliveryHeader] = InboxBehaviourName.Disable;
                return TakeAsync(http, delivery);
            default:
                return TakeAsync(http, delivery);
        }
    }

    private static Problem Told(InboxBehaviour behaviour) => new(
        behaviour.ResponseStatus!.Value, "inbox_behaviour",
        $"The delivery is kept. This inbox was told to answer so: its behaviour is {behaviour.Behaviour}. PUT /sandbox/inbox/NAME/behaviour changes it.");

    private static async Task TakeAsync(HttpContext http, Delivery delivery)
    {
        var taken = new DeliveryTaken(delivery.Received.Id, delivery.Attempt, delivery.Received.Verified);
        var json = JsonSerializer.SerializeToUtf8Bytes(taken, InboxJson.Wire.DeliveryTaken);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }

    // What goes on for long, until the caller hangs up.
    private async Task LastAsync(HttpContext http, Delivery delivery, InboxBehaviour behaviour)
    {
        // A server that stops waits for its answers: these would hold it up.
        await using var stopping = lifetime.ApplicationStopping.UnsafeRegister(static http => ((HttpContext)http!).Abort(), http);
        if (behaviour.Behaviour == InboxBehaviourName.Slow)
        {
            await Task.Delay(behaviour.Delay, clock, http.RequestAborted);
            await TakeAsync(http, delivery);
            return;
        }

        http.Response.ContentType = "text/plain";
        if (behaviour.Behaviour == InboxBehaviourName.Huge)
        {
            for (var sent = 0L; sent < HugeBytes; sent += _chunk.Length) await SendAsync(http, _chunk);
            return;
        }

        for (var sent = 0; sent < DripBytes; sent++)
        {
            if (sent > 0) await Task.Delay(DripInterval, clock, http.RequestAborted);
            await SendAsync(http, _chunk[..1]);
        }
    }

    private static async Task SendAsync(HttpContext http, ReadOnlyMemory<byte> bytes)
    {
        http.RequestAborted.ThrowIfCancellationRequested(); // The server takes what is written to a closed connection without a word.
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static byte[] Filled(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'.');
        return bytes;
    }
}

/// <summary>The answer to a delivery.</summary>
internal sealed record DeliveryTaken(
    [property: Description("Its webhook-id; null: it had none.")] string? Id,
    [property: Description("The how-manieth delivery with this webhook-id it is.")] int Attempt,
    [property: Description("verified; not verified: and why; or no secret given.")] string Verified);
