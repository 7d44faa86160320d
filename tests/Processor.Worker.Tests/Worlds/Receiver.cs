using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Processor.Worker.Tests.Worlds;

/// <summary>A request that came to <c>Processing__Url</c>.</summary>
public sealed record Received(string Key, string? ContentType, string Body, int Attempt);

/// <summary>Where <c>Processing__Url</c> leads in a test: writes down what comes and answers what the test says.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _attempts = new();

    private Receiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Received> Requests { get; } = new();

    public string Url => $"{_app.Urls.Single()}/process";

    public static async Task<Receiver> StartAsync(Func<Received, HttpContext, Task<int>> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.MapPost("/process", context => receiver.TakeAsync(context, answer));
        app.MapGet("/elsewhere", () => "a page with 200");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public static Task<Receiver> StartAsync(Func<Received, int> answer) => StartAsync((request, _) => Task.FromResult(answer(request)));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, Func<Received, HttpContext, Task<int>> answer)
    {
        using var reader = new StreamReader(context.Request.Body);
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var request = new Received(key, context.Request.ContentType, body, _attempts.AddOrUpdate(key, 1, (_, n) => n + 1));
        Requests.Enqueue(request);
        context.Response.StatusCode = await answer(request, context);
        if (context.Response.StatusCode is 302) context.Response.Headers.Location = "/elsewhere";
    }
}
