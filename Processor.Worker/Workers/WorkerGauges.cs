using System.Diagnostics.Metrics;
using Processor.Worker.Transactions;

namespace Processor.Worker.Workers;

/// <summary>Gauges that are read and not counted: the lag from the consumer, the rest from the tables with each heartbeat.</summary>
internal sealed class WorkerGauges
{
    private long _deadLetters;
    private double _relayOverdueSeconds;

    public WorkerGauges(IMeterFactory meters, ReadTransactions transactions)
    {
        var meter = meters.Create(ProcessingMetrics.Name);
        meter.CreateObservableGauge("aspirewebhooks.processing.lag", () => transactions.Lag, "{record}", "Behind the offsets of this worker's partitions");
        meter.CreateObservableGauge("aspirewebhooks.dead_letters", () => Volatile.Read(ref _deadLetters), "{record}", "Rows of dead_letters");
        meter.CreateObservableGauge(
            "aspirewebhooks.relay.overdue", () => Volatile.Read(ref _relayOverdueSeconds), "s",
            "How long the oldest row that the relay must publish has been due");
    }

    public void Read(long deadLetters, double relayOverdueSeconds)
    {
        Volatile.Write(ref _deadLetters, deadLetters);
        Volatile.Write(ref _relayOverdueSeconds, relayOverdueSeconds);
    }
}
