using System.Diagnostics;
using System.Diagnostics.Metrics;
using Data.Payments;

namespace Ingest.Api.Payments;

/// <summary>What the bank's callbacks tell OpenTelemetry: how each ended, how many share a commit, and a span a commit.</summary>
internal sealed class CallbackMetrics
{
    private const string Name = "AspireWebhooks.Ingest.Payments";

    private static readonly ActivitySource Source = new(Name);

    private readonly Counter<long> _answered;
    private readonly Histogram<int> _batchSize;

    public CallbackMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _answered = meter.CreateCounter<long>("aspirewebhooks.payments.callbacks", "{callback}", "Callbacks that were believed, by outcome");
        _batchSize = meter.CreateHistogram<int>("aspirewebhooks.payments.settle_batch_size", "{payment}", "Payments settled in one commit");
    }

    /// <summary>A callback has its answer; null: too many waited.</summary>
    public void Answered(Settlement? settlement) => _answered.Add(1, new KeyValuePair<string, object?>("outcome", settlement switch
    {
        Settlement.Settled => "settled",
        Settlement.AlreadySettled => "already_settled",
        Settlement.Contradicts => "contradicts",
        Settlement.Unknown => "unknown",
        _ => "unavailable",
    }));

    public void Committed(int payments) => _batchSize.Record(payments);

    /// <summary>The span of a commit, linked to the callbacks it answers; null when nobody listens.</summary>
    public static Activity? StartSettle(int payments, IEnumerable<ActivityContext> callbacks)
    {
        if (!Source.HasListeners()) return null;
        var links = callbacks.Where(callback => callback != default).Select(callback => new ActivityLink(callback));
        var span = Source.StartActivity("settle payments", ActivityKind.Internal, parentContext: default, links: links);
        span?.SetTag("aspirewebhooks.batch.payments", payments);
        return span;
    }
}
