using Processor.Worker.Tests.Worlds;
using Support.Otlp;

namespace Processor.Worker.Tests.Services;

/// <summary>Alone, as MetricsTests: spans are found by name, so those of all workers of this process would be sent.</summary>
[Collection(nameof(MetricsTests))]
[Trait("Kafka", "yes")]
public sealed class TraceTests(Servers servers) : IAsyncLifetime
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c", RequestSpan = "b7ad6b7169203331", SendSpan = "00f067aa0ba902b7";
    private const string OfRequest = $"00-{TraceId}-{RequestSpan}-01", OfSend = $"00-{TraceId}-{SendSpan}-01";

    private World _world = null!;
    private OtlpReceiver _telemetry = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync(servers);
        _telemetry = await OtlpReceiver.StartAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _telemetry.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Processing_is_in_the_senders_trace_below_the_span_that_sent_its_record_and_linked_with_its_batch()
    {
        StartWorker();
        await _world.PublishAsync("txn_1", await _world.InsertAsync("txn_1", traceParent: OfRequest), OfSend);

        var process = await ProcessSpanAsync();
        Assert.Equal((SendSpan, SpanKind.Consumer), (process.ParentSpanId, process.Kind));
        Assert.Equal("txn_1", process.Attributes["messaging.kafka.message.key"]);
        Assert.Equal("PROCESSED", process.Attributes["aspirewebhooks.transaction.status"]);
        await AssertLinkedWithBatchAsync(process);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_row_that_the_relay_published_stays_in_the_trace_of_its_request()
    {
        StartWorker();
        await _world.InsertAsync("txn_1", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.Zero, traceParent: OfRequest);

        var process = await ProcessSpanAsync();
        var spans = await _telemetry.WaitForSpansAsync(all => all.Any(span => span.Name == "send transactions"), Cancelled);
        var send = Assert.Single(spans, span => span.Name == "send transactions");
        Assert.Equal((TraceId, RequestSpan, SpanKind.Producer), (send.TraceId, send.ParentSpanId, send.Kind));
        Assert.Equal(send.SpanId, process.ParentSpanId);
        await AssertLinkedWithBatchAsync(process);
    }

    [Fact(Timeout = 60_000)]
    public async Task With_Processing_Url_there_is_one_span_a_transaction_and_the_request_is_below_it()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        StartWorker(("Processing:Url", receiver.Url));
        await _world.PublishAsync("txn_1", await _world.InsertAsync("txn_1", traceParent: OfRequest), OfSend);

        var process = await ProcessSpanAsync();
        Assert.Equal(SendSpan, process.ParentSpanId);
        await AssertLinkedWithBatchAsync(process);
        var spans = await _telemetry.WaitForSpansAsync(all => all.Any(span => span.ParentSpanId == process.SpanId), Cancelled);
        Assert.Equal(SpanKind.Client, Assert.Single(spans, span => span.ParentSpanId == process.SpanId).Kind);
        Assert.Single(spans, span => span.Name == "process transactions");
    }

    private void StartWorker(params (string Name, string Value)[] settings) =>
        _world.StartWorker(null, [.. _telemetry.Settings.Select(setting => (setting.Key, setting.Value)), .. settings]);

    private async Task<Span> ProcessSpanAsync()
    {
        var spans = await _telemetry.WaitForSpansAsync(all => all.Any(span => span.Name == "process transactions"), Cancelled);
        return Assert.Single(spans, span => span.Name == "process transactions" && span.TraceId == TraceId);
    }

    private async Task AssertLinkedWithBatchAsync(Span process)
    {
        var link = Assert.Single(process.Links);
        var spans = await _telemetry.WaitForSpansAsync(all => all.Any(span => span.SpanId == link.SpanId), Cancelled);
        var batch = Assert.Single(spans, span => span.SpanId == link.SpanId);
        Assert.Equal(("process transactions batch", ""), (batch.Name, batch.ParentSpanId));
        Assert.Equal(new SpanLink(process.TraceId, process.SpanId), Assert.Single(batch.Links));
    }
}
