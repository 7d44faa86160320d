using System.Diagnostics.Metrics;
using Data.Payments;

namespace Ingest.Api.Payments;

/// <summary>Metrics of the bank's callbacks: how each ended, and how many share a commit.</summary>
internal sealed class CallbackMetrics
{
    private const string Name = "AspireWebhooks.Ingest.Payments";

    private readonly Counter<long> _answered;
    private readonly Histogram<int> _batchSize;

    public CallbackMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _answered = meter.CreateCounter<long>("aspirewebhooks.payments.callbacks", "{callback}", "Callbacks with a valid signature, by outcome");
        _batchSize = meter.CreateHistogram<int>("aspirewebhooks.payments.settle_batch_size", "{payment}", "Payments settled in one commit");
    }

    /// <summary>A callback was answered; null: too many waited.</summary>
    public void Answered(Settlement? settlement) => _answered.Add(1, new KeyValuePair<string, object?>("outcome", settlement switch
    {
        Settlement.Settled => "settled",
        Settlement.AlreadySettled => "already_settled",
        Settlement.Contradicts => "contradicts",
        Settlement.OutOfRange => "out_of_range",
        Settlement.Unknown => "unknown",
        _ => "unavailable",
    }));

    public void Committed(int payments) => _batchSize.Record(payments);
}
