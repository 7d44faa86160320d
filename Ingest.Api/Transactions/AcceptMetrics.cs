using System.Diagnostics;
using System.Diagnostics.Metrics;
using Contracts;

namespace Ingest.Api.Transactions;

/// <summary>The intake's counters and histograms, and the span of a record that is sent.</summary>
internal sealed class AcceptMetrics
{
    public const string Name = "AspireWebhooks.Ingest";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _answered;
    private readonly Counter<long> _undelivered;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _commitDuration;
    private readonly Meter _meter;

    public AcceptMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _answered = _meter.CreateCounter<long>("aspirewebhooks.transactions.answered", "{webhook}", "Webhooks answered, by outcome");
        _undelivered = _meter.CreateCounter<long>("aspirewebhooks.transactions.undelivered", "{record}", "Records that Kafka did not take and the relay "
            + "publishes");
        _batchSize = _meter.CreateHistogram<int>("aspirewebhooks.commit.batch_size", "{webhook}", "Webhooks in one commit");
        _commitDuration = _meter.CreateHistogram<double>("aspirewebhooks.commit.duration", "s", "From taking a batch to its answers");
    }

    public void ObserveQueue(Func<int> count) =>
        _meter.CreateObservableGauge("aspirewebhooks.commit.waiting", count, "{webhook}", "Webhooks waiting for their commit");

    public void Answered(AcceptOutcome outcome) => _answered.Add(1, new KeyValuePair<string, object?>("outcome", Word(outcome)));

    public void Refused(string error) => _answered.Add(1, new KeyValuePair<string, object?>("outcome", error));

    public void Undelivered() => _undelivered.Add(1);

    public void Committed(int count, TimeSpan duration)
    {
        _batchSize.Record(count);
        _commitDuration.Record(duration.TotalSeconds);
    }

    /// <summary>
    /// The span of sending one record, in the request's trace (<see href="https://opentelemetry.io/docs/specs/semconv/messaging/kafka/"/>).
    /// </summary>
    public static Activity? StartSend(Submission submission)
    {
        if (submission.Trace == default || !Source.HasListeners()) return null;
        var span = Source.StartActivity($"send {Topics.Transactions}", ActivityKind.Producer, submission.Trace);
        span?.SetTag("messaging.system", "kafka");
        span?.SetTag("messaging.operation.type", "send");
        span?.SetTag("messaging.destination.name", Topics.Transactions);
        span?.SetTag("messaging.kafka.message.key", submission.Item.TransactionId);
        return span;
    }

    private static string Word(AcceptOutcome outcome) => outcome switch
    {
        AcceptOutcome.Accepted => "accepted",
        AcceptOutcome.Duplicate => "duplicate",
        AcceptOutcome.Conflict => "conflict",
        AcceptOutcome.Rejected => "rejected",
        _ => "unavailable",
    };
}
