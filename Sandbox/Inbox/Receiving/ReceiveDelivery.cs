using System.Buffers;
using Contracts;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Sandbox.Inbox.Receiving;

/// <summary><c>POST /sandbox/inbox/{name}</c>: reads a delivery, verifies it, keeps it and answers as the inbox was told.</summary>
internal sealed class ReceiveDelivery(Inboxes inboxes, AnswerDelivery answer, TimeProvider clock)
{
    /// <summary>The largest body, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    public async Task DoAsync(HttpContext http, string name)
    {
        if (inboxes.Find(name) is not { } inbox) await Inboxes.NoName.ExecuteAsync(http);
        else if (await ReadAsync(http.Request, http.RequestAborted) is not { } body) await TooLarge.ExecuteAsync(http);
        else
        {
            var (delivery, behaviour) = inbox.Enter(Receive(http.Request.Headers, body, inbox.Secrets));
            await answer.SendAsync(http, delivery, behaviour);
        }
    }

    private static Problem TooLarge => new(
        StatusCodes.Status413PayloadTooLarge, "payload_too_large", $"The body is larger than {MaxBytes} bytes, which is more than an inbox takes. Send less.");

    private ReceivedDelivery Receive(IHeaderDictionary headers, byte[] body, IReadOnlyList<WebhookSecret> secrets)
    {
        var now = clock.GetUtcNow();
        var kept = new KeyValuePair<string, string>[headers.Count];
        var count = 0;
        foreach (var (key, values) in headers) kept[count++] = new(key, values.ToString());
        return new(
            ValueOf(headers, StandardWebhooks.IdHeader), ValueOf(headers, StandardWebhooks.TimestampHeader), now, kept, body,
            DeliveryVerification.Of(secrets, headers, body, now));
    }

    private static string? ValueOf(IHeaderDictionary headers, string name) => headers[name].ToString() is { Length: > 0 } value ? value : null;

    // Null when there is too much of it.
    private static async Task<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes) return null;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            var isTooMuch = read.Buffer.Length > MaxBytes;
            if (isTooMuch || read.IsCompleted)
            {
                var body = isTooMuch ? null : read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}

/// <summary>Its routes.</summary>
internal static class ReceiveDeliveryEndpoint
{
    public static void MapReceiveDelivery(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sandbox/inbox", (HttpContext http, ReceiveDelivery receive) => receive.DoAsync(http, Inboxes.Default))
            .Describe("DeliverToDefault", "Delivers a webhook to the inbox called default");
        routes.MapPost("/sandbox/inbox/{name}", (HttpContext http, string name, ReceiveDelivery receive) => receive.DoAsync(http, name))
            .Describe("Deliver", "Delivers a webhook to an inbox");
    }

    private static void Describe(this RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name).WithTags("Inbox").WithSummary(summary)
        .WithDescription("Any body of at most 1 MiB. It is verified if the inbox has secrets, and kept whatever comes of that.")
        .Produces<DeliveryTaken>().Answers(StatusCodes.Status200OK, "Kept. Its behaviour may have it answer something else, or nothing.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 1 MiB.")
        .Fails(Inboxes.NoName, "No inbox can have this name.");
}
