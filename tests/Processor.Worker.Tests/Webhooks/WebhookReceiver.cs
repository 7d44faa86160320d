using System.Collections.Concurrent;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Support;

namespace Processor.Worker.Tests.Webhooks;

/// <summary>A webhook as it came in.</summary>
public sealed record CaughtWebhook(string Path, string Id, string Timestamp, string Signature, byte[] Body, string? ContentType)
{
    /// <summary>Whether any of the secrets has signed it.</summary>
    public bool IsSignedBy(params WebhookSecret[] secrets) => StandardWebhooks.Verify(
        secrets, Id, Timestamp, Signature, Body, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5)) == WebhookVerification.Valid;
}

/// <summary>A customer's system: writes down what comes, and answers what the test says, by path.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    public ConcurrentQueue<CaughtWebhook> Caught { get; } = new();

    public string UrlOf(string path) => $"{_app.Urls.Single()}/{path}";

    public static async Task<WebhookReceiver> StartAsync(Func<CaughtWebhook, HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.MapPost("/{path}", async (string path, HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var caught = new CaughtWebhook(
                path, Header(StandardWebhooks.IdHeader), Header(StandardWebhooks.TimestampHeader), Header(StandardWebhooks.SignatureHeader), body.ToArray(),
                context.Request.ContentType);
            receiver.Caught.Enqueue(caught);
            await answer(caught, context);

            string Header(string name) => context.Request.Headers[name].ToString();
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Answers with this status.</summary>
    public static Task<WebhookReceiver> StartAsync(Func<CaughtWebhook, int> status) => StartAsync((caught, context) =>
    {
        context.Response.StatusCode = status(caught);
        return Task.CompletedTask;
    });

    /// <summary>Waits for so many at a path.</summary>
    public Task<CaughtWebhook[]> UntilCaughtAsync(string path, int count) => Eventually.GetAsync(
        _ => Task.FromResult(Caught.Where(one => one.Path == path).ToArray()), caught => caught.Length >= count, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
