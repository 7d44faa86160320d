using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Support.Otlp;

namespace ServiceDefaults.Tests;

public sealed class TelemetryTests : IAsyncLifetime
{
    private OtlpReceiver _receiver = null!;
    private TestService _service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await OtlpReceiver.StartAsync(Cancelled);
        _service = await TestService.StartAsync(Map, settings: _receiver.Settings.Append(new("OTEL_SERVICE_NAME", "shop")));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_request_is_a_span_under_the_callers_trace_named_by_its_route()
    {
        var caller = await GetAsync("/orders/7");
        var span = await SpanOfAsync(caller);
        Assert.Equal(("shop", "GET /orders/{id}", SpanKind.Server), (span.Service, span.Name, span.Kind));
        Assert.Equal((caller.TraceId.ToHexString(), caller.SpanId.ToHexString()), (span.TraceId, span.ParentSpanId));
        Assert.Equal(("GET", "/orders/{id}", "/orders/7", 200L), (span.Attributes["http.request.method"], span.Attributes["http.route"],
            span.Attributes["url.path"], span.Attributes["http.response.status_code"]));
        Assert.False(span.Failed);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_request_that_ended_in_a_500_is_a_failed_span()
    {
        var span = await SpanOfAsync(await GetAsync("/fault"));
        Assert.Equal(500L, span.Attributes["http.response.status_code"]);
        Assert.True(span.Failed);
    }

    [Fact(Timeout = 60_000)]
    public async Task Probes_are_not_traced()
    {
        var health = await GetAsync("/health");
        var alive = await GetAsync("/alive");
        await SpanOfAsync(await GetAsync("/orders/8")); // Exported in order: what came before it has come.
        Assert.DoesNotContain(_receiver.Spans.ToList(), s => s.TraceId == health.TraceId.ToHexString() || s.TraceId == alive.TraceId.ToHexString());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_log_record_carries_the_trace_it_was_written_in()
    {
        var caller = await GetAsync("/orders/9");
        var logs = await _receiver.Logs.WaitAsync(all => all.Any(l => l.Body == "Order 9 was read"), Cancelled);
        Assert.Equal(caller.TraceId.ToHexString(), logs.Single(l => l.Body == "Order 9 was read").TraceId);
    }

    [Fact(Timeout = 60_000)]
    public async Task Requests_are_measured()
    {
        await GetAsync("/orders/10");
        await _receiver.Metrics.WaitAsync(
            all => all.Any(m => m.Name == "http.server.request.duration" && Equals(m.Attributes.GetValueOrDefault("http.route"), "/orders/{id}")), Cancelled);
    }

    private static void Map(WebApplication app)
    {
#pragma warning disable CA1848, CA1873 // One message, in a test.
        app.MapGet("/orders/{id}", (int id) => app.Logger.LogInformation("Order {Id} was read", id));
#pragma warning restore CA1848, CA1873
        app.MapGet("/fault", string () => throw new InvalidOperationException("fault"));
    }

    // Listening is by the source's name, so what other tests' services do at the same time comes here too: each test knows its own trace.
    private async Task<ActivityContext> GetAsync(string path)
    {
        var caller = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{caller.TraceId}-{caller.SpanId}-01");
        using var response = await _service.Http.SendAsync(request, Cancelled);
        return caller;
    }

    private async Task<Span> SpanOfAsync(ActivityContext caller)
    {
        var traceId = caller.TraceId.ToHexString();
        var spans = await _receiver.WaitForSpansAsync(all => all.Any(s => s.TraceId == traceId && s.Kind == SpanKind.Server), Cancelled);
        return spans.Single(s => s.TraceId == traceId && s.Kind == SpanKind.Server);
    }
}
