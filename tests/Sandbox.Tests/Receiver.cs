using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sandbox.Tests;

/// <summary>Who is called back: takes callbacks over HTTP and answers as a test says, 200 else.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly ConcurrentQueue<int> _answers = [];

    private Receiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>How many callbacks have come that no test has looked at.</summary>
    public int Unseen => _received.Reader.Count;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new Receiver(builder.Build());
        receiver._app.MapPost("/{**path}", receiver.ReceiveAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>The statuses of the next answers.</summary>
    public void Answer(params int[] statuses)
    {
        foreach (var status in statuses) _answers.Enqueue(status);
    }

    public async Task<Received> NextAsync() =>
        await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var text = new ArrayBufferWriter<byte>();
        var isSigned = BankSignature.TryCanonicalize(body.ToArray(), text, out var signature)
            && BankSignature.Matches(BankService.Secret, text.WrittenSpan, signature);
        context.Response.StatusCode = _answers.TryDequeue(out var status) ? status : 200;
        _received.Writer.TryWrite(new(
            context.Request.Path, context.Request.ContentType, isSigned, JsonElement.Parse(body.ToArray()), Encoding.UTF8.GetString(body.ToArray()),
            context.Request.Headers["Stripe-Signature"]));
    }
}

/// <summary>A callback as it came.</summary>
internal sealed record Received(string Path, string? ContentType, bool IsSigned, JsonElement Body, string Raw, string? StripeSignature)
{
    public string Text(string member) => Body.GetProperty(member).ToString();

    /// <summary>A member of what an event of Stripe's is about.</summary>
    public string Data(string member) => Body.GetProperty("data").GetProperty("object").GetProperty(member).ToString();
}
