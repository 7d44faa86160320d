using System.Diagnostics.Metrics;
using Processor.Worker.Transactions;

namespace Processor.Worker.Ledger;

/// <summary>What the last check found, from the worker that made it; others say nothing.</summary>
internal sealed class LedgerMetrics
{
    private readonly Histogram<double> _duration;
    private LedgerReport? _last;

    public LedgerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ProcessingMetrics.Name);
        meter.CreateObservableGauge("aspirewebhooks.ledger.differences", Differences, "{difference}", "In the last check of the ledger");
        _duration = meter.CreateHistogram<double>("aspirewebhooks.ledger.check_duration", "s", "How long a check of the ledger took");
    }

    public void Checked(LedgerReport report, TimeSpan duration)
    {
        Volatile.Write(ref _last, report);
        _duration.Record(duration.TotalSeconds);
    }

    private IEnumerable<Measurement<int>> Differences() => Volatile.Read(ref _last) is { } last ? [new(last.Differences.Count)] : [];
}
