using System.Diagnostics.Metrics;
using Processor.Worker.Transactions;

namespace Processor.Worker.Workers;

/// <summary>Gauges that are read, not counted: the lag from the consumer, the rest from the tables with each heartbeat.</summary>
internal sealed class WorkerGauges
{
    private long _deadLetters;
    private double _relayOverdueSeconds;

    public WorkerGauges(IMeterFactory meters, ConsumerLag lag)
    {
        var meter = meters.Create(ProcessingMetrics.Name);
        meter.CreateObservableGauge("aspirewebhooks.processing.lag", () => lag.Records, "{record}", "Behind the offsets of this worker's partitions");
        meter.CreateObservableGauge("aspirewebhooks.dead_letters", () => Volatile.Read(ref _deadLetters), "{record}", "Put aside, in the table");
        meter.CreateObservableGauge(
            "aspirewebhooks.relay.overdue", () => Volatile.Read(ref _relayOverdueSeconds), "s", "How long the oldest row that is the relay's has waited for it");
    }

    public void Read(long deadLetters, double relayOverdueSeconds)
    {
        Volatile.Write(ref _deadLetters, deadLetters);
        Volatile.Write(ref _relayOverdueSeconds, relayOverdueSeconds);
    }
}
