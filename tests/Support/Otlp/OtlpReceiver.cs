using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Support.Otlp;

/// <summary>
/// Where a test's services send their telemetry: OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp) on a free port.
/// Give a service <see cref="Settings"/>, then await what should arrive.
/// </summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>Every span, from all services, in the order of arrival.</summary>
    public Arrivals<Span> Spans { get; } = new("spans");

    /// <summary>Every data point of every export.</summary>
    public Arrivals<MetricPoint> Metrics { get; } = new("metric points");

    /// <summary>Every log record.</summary>
    public Arrivals<LogRecord> Logs { get; } = new("log records");

    /// <summary>Where it listens, such as <c>http://127.0.0.1:40123</c>.</summary>
    public string Endpoint => _app.Urls.Single();

    /// <summary>
    /// The environment variables (or settings) that make a service send here, and do so at once: spans and logs wait 5 s by default, metrics 60 s.
    /// And send all there is: by default what waits behind 2,048 others is dropped, so is what is not taken within 10 s, and so are links after the 128th.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["OTEL_BSP_MAX_QUEUE_SIZE"] = "100000",
        ["OTEL_BLRP_MAX_QUEUE_SIZE"] = "100000",
        ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "60000",
        ["OTEL_SPAN_LINK_COUNT_LIMIT"] = "2000",
    };

    /// <summary>Starts a receiver on a free port of the loopback address.</summary>
    public static async Task<OtlpReceiver> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        // A service in the same process listens to ASP.NET Core's spans by name: the receiver's own would be sent here, and so on for ever.
        builder.Services.AddSingleton(new ActivitySource("Support.Otlp"));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/traces", request => Take(request, receiver.Spans, OtlpMessages.Spans));
        app.MapPost("/v1/metrics", request => Take(request, receiver.Metrics, OtlpMessages.Metrics));
        app.MapPost("/v1/logs", request => Take(request, receiver.Logs, OtlpMessages.Logs));
        await app.StartAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Waits for spans of one trace.</summary>
    /// <exception cref="TimeoutException">Cancelled first; the message lists what has come of the trace.</exception>
    public Task<IReadOnlyList<Span>> WaitForTraceAsync(string traceId, Func<IReadOnlyList<Span>, bool> enough, CancellationToken cancellationToken) =>
        Spans.WaitAsync(span => span.TraceId == traceId, enough, cancellationToken);

    /// <summary>Waits until <paramref name="enough"/> says that the spans received so far are those awaited.</summary>
    /// <exception cref="TimeoutException">Cancelled first; the message lists what has come.</exception>
    public Task<IReadOnlyList<Span>> WaitForSpansAsync(Func<IReadOnlyList<Span>, bool> enough, CancellationToken cancellationToken) =>
        Spans.WaitAsync(enough, cancellationToken);

    /// <summary>The value that a metric had last, per set of attributes; empty when it never came.</summary>
    public IReadOnlyList<MetricPoint> Last(string metric) =>
        [.. Metrics.ToList().Where(point => point.Name == metric).GroupBy(IdentityOf).Select(points => points.Last())];

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string IdentityOf(MetricPoint point) => string.Join(
        '|', point.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}").Prepend(point.Service));

    private static async Task Take<T>(HttpContext context, Arrivals<T> arrivals, Func<ByteString, IEnumerable<T>> read)
    {
        var body = await ByteString.FromStreamAsync(context.Request.Body, context.RequestAborted);
        arrivals.Add(read(body));

        // An empty message: everything was taken.
        context.Response.ContentType = "application/x-protobuf";
        context.Response.Headers.ContentLength = 0;
    }
}

/// <summary>A span, with what the tests ask of it. Ids are lower-case hex; <see cref="ParentSpanId"/> is empty at the root.</summary>
public sealed record Span(
    string Service,
    string Source,
    string Name,
    SpanKind Kind,
    string TraceId,
    string SpanId,
    string ParentSpanId,
    IReadOnlyList<SpanLink> Links,
    IReadOnlyDictionary<string, object?> Attributes,
    bool Failed)
{
    /// <summary>On one line, for messages.</summary>
    public override string ToString() =>
        $"{Service}: {Kind} \"{Name}\" trace={TraceId} span={SpanId} parent={ParentSpanId} links=[{string.Join(' ', Links.Select(l => l.SpanId))}]";
}

/// <summary>What a span is linked to.</summary>
public sealed record SpanLink(string TraceId, string SpanId);

/// <summary>The numbers that OTLP gives to kinds of spans.</summary>
public enum SpanKind
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>Inside a process.</summary>
    Internal = 1,

    /// <summary>Answers a request.</summary>
    Server = 2,

    /// <summary>Sends a request.</summary>
    Client = 3,

    /// <summary>Sends a message.</summary>
    Producer = 4,

    /// <summary>Takes a message.</summary>
    Consumer = 5,
}

/// <summary>One data point of a metric: a gauge's or counter's value, a histogram's sum with its <see cref="Count"/>.</summary>
public sealed record MetricPoint(string Service, string Name, double Value, long Count, IReadOnlyDictionary<string, object?> Attributes)
{
    /// <summary>On one line, for messages.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Service}: {Name} = {Value}");
}

/// <summary>A log record; <see cref="TraceId"/> is empty when it was written outside a trace.</summary>
public sealed record LogRecord(string Service, string Category, string TraceId, string SpanId, string Body, IReadOnlyDictionary<string, object?> Attributes)
{
    /// <summary>On one line, for messages.</summary>
    public override string ToString() => $"{Service}: {Category} trace={TraceId} {Body}";
}
