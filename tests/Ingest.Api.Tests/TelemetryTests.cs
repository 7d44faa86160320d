using Contracts;
using Support.Otlp;

namespace Ingest.Api.Tests;

/// <summary>Alone: activity sources and meters are the process's, so telemetry shows every service that runs in it.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true), Collection(nameof(TelemetryTests))]
[Trait("Kafka", "yes")]
public sealed class TelemetryTests(Servers servers)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Sender = "b7ad6b7169203331";

    [Fact(Timeout = 60_000)]
    public async Task The_senders_trace_goes_through_request_and_record_and_the_commit_is_linked_to_it()
    {
        await using var receiver = await OtlpReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var ingest = await IngestService.StartAsync(
            servers, [.. receiver.Settings.Select(s => (s.Key, s.Value)), ("OTEL_SERVICE_NAME", "ingest-under-test")]);

        (await ingest.PostAsync(IngestService.Body("txn_spans"), ("traceparent", $"00-{Trace}-{Sender}-01"))).IsAccepted("txn_spans");
        var spans = await receiver.WaitForSpansAsync(
            all => all.Any(s => s.Name == "send transactions") && all.Any(s => s.Name == "commit transactions")
                && all.Any(s => s.Kind == SpanKind.Server && s.TraceId == Trace),
            TestContext.Current.CancellationToken);

        var request = Assert.Single(spans, span => span.Kind == SpanKind.Server && span.TraceId == Trace);
        var send = Assert.Single(spans, span => span.Kind == SpanKind.Producer);
        var commit = Assert.Single(spans, span => span.Name == "commit transactions");
        Assert.Equal(
            ("ingest-under-test", $"POST {IngestService.Webhooks}", Trace, Sender),
            (request.Service, request.Name, request.TraceId, request.ParentSpanId));
        Assert.Equal((Trace, request.SpanId), (send.TraceId, send.ParentSpanId));
        Assert.Equal(new SpanLink(Trace, request.SpanId), Assert.Single(commit.Links));

        var record = Assert.Single(await Records.ReadAsync(servers.Broker, "txn_spans"));
        Assert.Equal($"00-{Trace}-{send.SpanId}-01", record.Header(MessageHeaders.TraceParent));
    }

    [Fact(Timeout = 60_000)]
    public async Task Every_answer_is_counted_by_its_outcome()
    {
        await using var receiver = await OtlpReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var ingest = await IngestService.StartAsync(servers, [.. receiver.Settings.Select(s => (s.Key, s.Value))]);
        await ingest.PostAsync(IngestService.Body("txn_count"));
        await ingest.PostAsync(IngestService.Body("txn_count"));
        await ingest.PostAsync(IngestService.Body("txn_count", "7"));
        await ingest.PostAsync(IngestService.Body("txn_count", "0"));
        await ingest.PostAsync("nothing");

        await receiver.Metrics.WaitAsync(
            _ => Counts(receiver) is "accepted=1 conflict=1 duplicate=1 invalid_json=1 validation_failed=1", TestContext.Current.CancellationToken);
    }

    private static string Counts(OtlpReceiver receiver) => string.Join(
        ' ',
        receiver.Last("aspirewebhooks.transactions.answered")
            .Select(point => $"{point.Attributes["outcome"]}={point.Value}").Order(StringComparer.Ordinal));
}
