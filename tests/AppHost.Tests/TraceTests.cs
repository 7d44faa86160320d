using System.Diagnostics;
using Support.Otlp;
using SpanKind = Support.Otlp.SpanKind;

namespace AppHost.Tests;

/// <summary>One trace, from the sender's traceparent to the outcome, whichever way the record took.</summary>
public class TraceTests(RunningSystem system)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task One_trace_runs_from_the_sender_through_accept_Kafka_and_processing()
    {
        var sender = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var webhook = RunningSystem.Webhook();
        await system.SendAsync(webhook, Stop, TraceParent(sender));

        var spans = await WaitForProcessAsync(sender);

        var door = Assert.Single(spans, s => s.Service == "portal" && s.Kind == SpanKind.Server);
        var forward = Assert.Single(spans, s => s.Service == "portal" && s.Kind == SpanKind.Client);
        var accept = Assert.Single(spans, s => s.Service == "ingest-api" && s.Kind == SpanKind.Server);
        var send = Assert.Single(spans, s => s.Service == "ingest-api" && s.Kind == SpanKind.Producer);
        var process = Assert.Single(spans, s => s.Service == "processor-worker" && s.Kind == SpanKind.Consumer);
        Assert.Equal(sender.SpanId.ToHexString(), door.ParentSpanId);
        Assert.Equal(door.SpanId, forward.ParentSpanId);
        Assert.Equal(forward.SpanId, accept.ParentSpanId);
        Assert.Equal(accept.SpanId, send.ParentSpanId);
        Assert.Equal(send.SpanId, process.ParentSpanId);
        Assert.Equal("POST /v1/webhooks/transactions", accept.Name);
        Assert.Equal("send transactions", send.Name);
        Assert.Equal("process transactions", process.Name);
    }

    [Fact(Timeout = 60_000)]
    public async Task Batches_are_linked_to_the_requests_and_records_they_did()
    {
        var sender = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        await system.SendAsync(RunningSystem.Webhook(), Stop, TraceParent(sender));
        var process = (await WaitForProcessAsync(sender)).Single(s => s.Kind == SpanKind.Consumer);

        var batches = await system.Telemetry.WaitForSpansAsync(
            all => all.Any(s => s.Name == "process transactions batch" && s.Links.Any(link => link.SpanId == process.SpanId))
                && all.Any(s => s.Name == "commit transactions" && s.Links.Any(link => link.TraceId == process.TraceId)),
            Stop);

        var batch = batches.Single(s => s.Name == "process transactions batch" && s.Links.Any(link => link.SpanId == process.SpanId));
        Assert.Contains(process.Links, link => link.SpanId == batch.SpanId);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_trace_is_whole_also_when_the_record_went_by_the_relay()
    {
        var request = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        // As Ingest.Api leaves it when it dies between the commit and Kafka.
        await using var insert = system.Database.CreateCommand(
            $"""
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, traceparent, next_publish_at)
            VALUES ('relayed_{request.TraceId}', 'a', 'b', 1, 'USD', '{TraceParent(request)}', now())
            """);
        await insert.ExecuteNonQueryAsync(Stop);

        var spans = await WaitForProcessAsync(request);

        var send = Assert.Single(spans, s => s.Kind == SpanKind.Producer);
        var process = Assert.Single(spans, s => s.Kind == SpanKind.Consumer);
        Assert.Equal("processor-worker", send.Service);
        Assert.Equal(request.SpanId.ToHexString(), send.ParentSpanId);
        Assert.Equal(send.SpanId, process.ParentSpanId);
    }

    [Fact(Timeout = 60_000)]
    public async Task Every_stage_is_measured()
    {
        await system.SendAsync(RunningSystem.Webhook(), Stop);

        await system.Telemetry.Metrics.WaitAsync(
            points => new[]
            {
                "aspirewebhooks.transactions.answered", "aspirewebhooks.commit.batch_size", "aspirewebhooks.commit.duration",
                "aspirewebhooks.commit.waiting", "aspirewebhooks.transactions.processed", "aspirewebhooks.processing.lateness",
                "aspirewebhooks.processing.waiting", "aspirewebhooks.processing.lag", "aspirewebhooks.dead_letters",
                "aspirewebhooks.processing.oldest_due", "http.server.request.duration",
            }.All(name => points.Any(point => point.Name == name)),
            Stop);
    }

    private static string TraceParent(ActivityContext context) => $"00-{context.TraceId}-{context.SpanId}-01";

    private async Task<IReadOnlyList<Span>> WaitForProcessAsync(ActivityContext sender)
    {
        var traceId = sender.TraceId.ToHexString();
        var spans = await system.Telemetry.WaitForSpansAsync(
            all => all.Any(s => s.TraceId == traceId && s.Kind == SpanKind.Consumer) && all.Any(s => s.TraceId == traceId && s.Kind == SpanKind.Producer)
                && (new[] { "portal", "ingest-api" }.All(service => all.Any(s => s.TraceId == traceId && s.Service == service && s.Kind == SpanKind.Server))
                    || all.Any(s => s.TraceId == traceId && s.Kind == SpanKind.Producer && s.Service == "processor-worker")),
            Stop);
        return [.. spans.Where(s => s.TraceId == traceId)];
    }
}
