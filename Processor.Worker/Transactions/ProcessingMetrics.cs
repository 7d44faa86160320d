using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Contracts;
using Processor.Worker.Kafka;

namespace Processor.Worker.Transactions;

/// <summary>Metrics and spans of processing: counters and histograms of each step, and gauges read from the queues.</summary>
internal sealed class ProcessingMetrics
{
    public const string Name = "AspireWebhooks.Worker";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _processed;
    private readonly Histogram<double> _lateness;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _batchDuration;

    public ProcessingMetrics(IMeterFactory meters, WaitingTransactions waiting)
    {
        var meter = meters.Create(Name);
        _processed = meter.CreateCounter<long>("aspirewebhooks.transactions.processed", "{transaction}", "Outcomes written, by status");
        _lateness = meter.CreateHistogram<double>("aspirewebhooks.processing.lateness", "s", "From due to outcome, by the database's clock");
        _batchSize = meter.CreateHistogram<int>("aspirewebhooks.processing.batch_size", "{transaction}", "Outcomes in one update");
        _batchDuration = meter.CreateHistogram<double>("aspirewebhooks.processing.duration", "s", "From taking a batch to its update");
        meter.CreateObservableGauge("aspirewebhooks.processing.waiting", () => waiting.Count, "{transaction}", "Read and not finished");
        meter.CreateObservableGauge("aspirewebhooks.processing.partitions", () => waiting.Partitions, "{partition}", "Assigned to this worker");
        meter.CreateObservableGauge("aspirewebhooks.processing.oldest_due", () => waiting.OldestDue.TotalSeconds, "s", "How far the oldest is behind its time");
    }

    /// <summary>Counts a batch's outcomes; with <paramref name="batch"/> each that is traced gets its span.</summary>
    public void Recorded(
        IReadOnlyList<RecordedOutcome> recorded, Dictionary<string, WaitingRecord> records, Activity? batch, TimeSpan duration)
    {
        _batchSize.Record(recorded.Count);
        _batchDuration.Record(duration.TotalSeconds);
        foreach (var outcome in recorded)
        {
            _processed.Add(1, new KeyValuePair<string, object?>("status", outcome.Status));
            _lateness.Record(outcome.Lateness.TotalSeconds);
            if (batch is null) continue;

            using var span = StartProcess(outcome.Id, outcome.TraceParent, records[outcome.Id].SendSpan, batch, batch.StartTimeUtc);
            span?.SetTag("aspirewebhooks.transaction.status", outcome.Status);
        }
    }

    /// <summary>The span of one update, a trace of its own: it belongs to many.</summary>
    public static Activity? StartBatch(int count) => KafkaMessage.StartBatch(Source, Topics.Transactions, count);

    /// <summary>The span of one transaction, in its sender's trace, below the span that sent its record, and linked both ways with its batch's.</summary>
    public static Activity? StartProcess(string id, string? traceParent, ulong sendSpan, Activity? batch, DateTimeOffset startTime = default)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(traceParent, null, isRemote: true, out var row)) return null;
        var parent = sendSpan == 0 ? row : new ActivityContext(row.TraceId, SpanIdOf(sendSpan), row.TraceFlags, isRemote: true);
        var links = batch is null ? null : new[] { new ActivityLink(batch.Context) };
        var span = KafkaMessage.StartProcess(Source, Topics.Transactions, parent, links, startTime);
        if (span is not null) batch?.AddLink(new ActivityLink(span.Context));
        return span?.SetTag("messaging.kafka.message.key", id);
    }

    private static ActivitySpanId SpanIdOf(ulong span)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, span);
        return ActivitySpanId.CreateFromBytes(bytes);
    }
}
