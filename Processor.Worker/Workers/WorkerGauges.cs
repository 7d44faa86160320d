using System.Diagnostics.Metrics;
using Data.Workers;
using Processor.Worker.Transactions;

namespace Processor.Worker.Workers;

/// <summary>Gauges that are read and not counted: the lag from the consumer, the rest from the tables with each heartbeat.</summary>
internal sealed class WorkerGauges
{
    private WorkReport? _report;

    public WorkerGauges(IMeterFactory meters, ReadTransactions transactions)
    {
        var meter = meters.Create(ProcessingMetrics.Name);
        meter.CreateObservableGauge("aspirewebhooks.processing.lag", () => transactions.Lag, "{record}", "Behind the offsets of this worker's partitions");
        meter.CreateObservableGauge(
            "aspirewebhooks.dead_letters", () => Volatile.Read(ref _report)?.DeadLetters ?? 0, "{record}", "Rows of dead_letters");
        meter.CreateObservableGauge(
            "aspirewebhooks.work.overdue", () => ByTable(table => table.Overdue), "{row}", "Rows that are due and nobody has taken, by table");
        meter.CreateObservableGauge(
            "aspirewebhooks.work.oldest_due", () => ByTable(table => table.OldestDueSeconds), "s", "How long the oldest due row has been due, by table");
    }

    public void Read(WorkReport report) => Volatile.Write(ref _report, report);

    private IEnumerable<Measurement<T>> ByTable<T>(Func<WorkState, T> value) where T : struct =>
        from table in Volatile.Read(ref _report)?.Tables ?? []
        select new Measurement<T>(value(table), new KeyValuePair<string, object?>("db.collection.name", table.Table));
}
