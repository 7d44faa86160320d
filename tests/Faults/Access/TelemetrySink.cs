using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Faults.Access;

/// <summary>
/// Takes OTLP over HTTP and keeps every message as it came, byte for byte: whatever a span or log record carries, in whatever field, is in there
/// (protobuf leaves text as it is).
/// </summary>
internal sealed class TelemetrySink : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string Text)> _messages = new();
    private readonly WebApplication _app;

    private TelemetrySink(WebApplication app) => _app = app;

    public IReadOnlyCollection<(string Path, string Text)> Messages => _messages;

    /// <summary>Makes services send here, and do so at once.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", _app.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "2000"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "100000"), ("OTEL_BLRP_MAX_QUEUE_SIZE", "100000"),
    ];

    public static async Task<TelemetrySink> StartAsync(CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var sink = new TelemetrySink(app);
        app.MapPost("/v1/{signal}", sink.TakeAsync);
        await app.StartAsync(stop);
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _messages.Enqueue((context.Request.Path.Value!, Encoding.Latin1.GetString(body.GetBuffer(), 0, (int)body.Length)));
        context.Response.ContentType = "application/x-protobuf"; // An empty message: everything was taken.
        context.Response.ContentLength = 0;
    }
}
