using System.Globalization;
using Contracts;
using Data.Notices;
using Data.Workers;

namespace Processor.Worker.Notices;

/// <summary>A worker whose row was not written for <see cref="ReadWork.GoneAfter"/> and is still there: one that stops by itself deletes it.</summary>
/// <param name="InstanceId">The worker.</param>
/// <param name="SilentFor">For how long it was not heard of.</param>
internal sealed record LostWorker(string InstanceId, TimeSpan SilentFor);

/// <summary>What an operator should know of the workers and their work, computed from what was read.</summary>
internal static class WorkNotices
{
    /// <summary>The notice's cause is <c>worker:</c> and this id.</summary>
    public const string CauseOfWorker = "worker:";

    /// <summary>One notice for each worker that is lost and each table of work that is overdue.</summary>
    /// <param name="report">What all the workers report, and the tables.</param>
    /// <param name="lost">Workers that are lost and not told of yet.</param>
    /// <param name="overdueAfter">From when on work is overdue.</param>
    public static IReadOnlyList<NewNotice> Of(WorkReport report, IReadOnlyList<LostWorker> lost, TimeSpan overdueAfter) =>
    [
        .. lost.Select(worker => Of(worker, report.Workers)),
        .. report.Tables.Where(table => table.OldestDueSeconds > overdueAfter.TotalSeconds).Select(Of),
    ];

    private static NewNotice Of(LostWorker worker, int running) => new(
        WebhookEvents.OperationsWorkerLost, CauseOfWorker + worker.InstanceId,
        string.Create(CultureInfo.InvariantCulture,
            $"Worker {worker.InstanceId} was last heard of {worker.SilentFor.TotalSeconds:0} s ago and did not stop by itself; workers that run: {running}."),
        "They take over its partitions and, as its leases end, its work. See in its log why it ended, and that something has started another in its place.",
        "/admin/workers");

    private static NewNotice Of(WorkState work) => new(
        WebhookEvents.OperationsWorkOverdue, $"overdue:{work.Table}",
        string.Create(CultureInfo.InvariantCulture,
            $"{CountOf(work)} {work.Table} are due and nobody has taken them, the oldest for {work.OldestDueSeconds:#,0} s."),
        "See whether workers run, what their log says, and whether PostgreSQL, Kafka and the other side answer them. When all is well, more comes than they "
        + "carry out: start more workers.",
        "/admin/workers");

    private static string CountOf(WorkState work) =>
        (work.Overdue < WorkTable.MaxCounted ? "" : "At least ") + work.Overdue.ToString("#,0", CultureInfo.InvariantCulture);
}
