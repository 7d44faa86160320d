using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Faults.Webhooks;

/// <summary>A webhook that a receiver took.</summary>
internal readonly record struct TakenWebhook(string Id, long Sequence, bool IsSigned);

/// <summary>How a customer's system behaves.</summary>
internal enum Receives
{
    /// <summary>Answers at once.</summary>
    Well,

    /// <summary>Answers after 200 ms.</summary>
    Slowly,

    /// <summary>Answers 500.</summary>
    Badly,

    /// <summary>Is not there.</summary>
    Never,
}

/// <summary>Customers' systems, each with an endpoint: they write down what comes, and are never at fault in another way than their own.</summary>
internal sealed class CustomersSystems : IAsyncDisposable
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(200);

    private readonly WebApplication _app;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<TakenWebhook>> _taken = new(StringComparer.Ordinal);

    private CustomersSystems(WebApplication app, TimeProvider clock) => (_app, _clock) = (app, clock);

    /// <summary>Each endpoint's secret, by its name.</summary>
    public ConcurrentDictionary<string, WebhookSecret> Secrets { get; } = new(StringComparer.Ordinal);

    public static async Task<CustomersSystems> StartAsync(TimeProvider clock, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var systems = new CustomersSystems(app, clock);
        app.MapPost("/{behaviour}/{name}", systems.TakeAsync);
        await app.StartAsync(stop);
        return systems;
    }

    /// <summary>Where this one is.</summary>
    public string UrlOf(Receives behaviour, string name) =>
        behaviour == Receives.Never ? $"http://127.0.0.1:9/{name}" : $"{_app.Urls.Single()}/{behaviour}/{name}"; // Nobody has the port 9, discard.

    /// <summary>What it has taken, in the order of coming.</summary>
    public IReadOnlyList<TakenWebhook> Taken(string name) => _taken.TryGetValue(name, out var taken) ? [.. taken] : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(Receives behaviour, string name, HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (behaviour == Receives.Badly) return Results.StatusCode(500);
        if (behaviour == Receives.Slowly) await Task.Delay(Slow, _clock, context.RequestAborted);
        var headers = context.Request.Headers;
        var id = headers[StandardWebhooks.IdHeader].ToString();
        var isSigned = Secrets.TryGetValue(name, out var secret) && StandardWebhooks.Verify(
            [secret], id, headers[StandardWebhooks.TimestampHeader].ToString(), headers[StandardWebhooks.SignatureHeader].ToString(),
            body.ToArray(), _clock.GetUtcNow(), TimeSpan.FromHours(2)) == WebhookVerification.Valid; // Of a worker whose clock is an hour ahead, too.
        using var payload = JsonDocument.Parse(body.ToArray());
        var sequence = payload.RootElement.GetProperty("sequence").GetInt64();
        _taken.GetOrAdd(name, _ => new()).Enqueue(new(id, sequence, isSigned));
        return Results.StatusCode(204);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_taken.Count} receivers took {_taken.Values.Sum(taken => taken.Count)}");
}
