using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Faults.Load;

/// <summary>Where <c>Processing__Url</c> leads: the side effect of processing, counted by its Idempotency-Key. It is never at fault itself.</summary>
internal sealed class CountingReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<DateTimeOffset>> _calls = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private readonly TimeProvider _clock;

    private CountingReceiver(WebApplication app, TimeProvider clock) => (_app, _clock) = (app, clock);

    public string Url => $"{_app.Urls.Single()}/process";

    public static async Task<CountingReceiver> StartAsync(TimeProvider clock, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new CountingReceiver(app, clock);
        app.MapPost("/process", receiver.Take);
        await app.StartAsync(stop);
        return receiver;
    }

    /// <summary>When this transaction was processed; more than once is once too often.</summary>
    public IReadOnlyList<DateTimeOffset> Calls(string id) => _calls.TryGetValue(id, out var calls) ? [.. calls] : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Take(HttpContext context)
    {
        _calls.GetOrAdd(context.Request.Headers["Idempotency-Key"].ToString(), _ => new()).Enqueue(_clock.GetUtcNow());
        return Results.Ok();
    }
}
