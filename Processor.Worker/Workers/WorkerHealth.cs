using System.Globalization;
using System.Text.Json.Serialization;
using Contracts;
using Data.Workers;
using Npgsql;

namespace Processor.Worker.Workers;

/// <summary>
/// <c>GET /health/worker</c>: the state of all workers together, read from their rows and from the tables. UNHEALTHY and 503 when no worker runs, when a
/// partition has no owner, or when a transaction is far behind its time. DEGRADED and 200 when a worker reports a problem that an operator has to mend, or when
/// other work is far behind: that work waits, all other work goes on.
/// </summary>
internal static class WorkerHealth
{
    /// <summary>
    /// After a worker's death its partitions move when the session time-out of its group ends (15 s with the classic protocol, the broker's setting with
    /// KIP-848), and their records are then read again. A transaction that is later than this is late for another reason.
    /// </summary>
    private const int TooLateSeconds = 60;

    public static void MapWorkerHealth(this WebApplication app) => app.MapGet("/health/worker", ReadAsync)
        .WithName("GetWorkerHealth").WithTags("Health")
        .WithSummary("The state of all workers together")
        .WithDescription(
            "503 and UNHEALTHY when no worker runs, when a partition has no owner, or when a transaction is more than a minute behind its time. "
            + "200 and DEGRADED when `problems` names something that an operator has to mend.")
        .Produces<WorkerHealthReply>().Produces<WorkerHealthReply>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var report = await ReadWork.RunAsync(database, cancellationToken);
        var late = report.Tables.Zip(WorkTable.All)
            .Where(work => work.First.OldestDueSeconds >= TooLateSeconds)
            .ToLookup(work => work.Second.IsCritical, work => work.First);
        var isHealthy = report.Workers > 0 && report.Partitions >= Topics.Partitions && !late[true].Any();
        string[] problems = [.. report.Problems, .. late[false].Select(Behind)];
        var transactions = report.Tables.Single(table => table.Topic == Topics.Transactions);
        var reply = new WorkerHealthReply(
            !isHealthy ? "UNHEALTHY" : problems.Length > 0 ? "DEGRADED" : "HEALTHY", report.Workers, report.Partitions, transactions.Lag, transactions.Waiting,
            transactions.OldestDueSeconds, report.DeadLetters, problems, report.Tables);
        return Results.Json(
            reply, WorkerHealthJson.Default.WorkerHealthReply, statusCode: isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static string Behind(WorkState work) => string.Create(
        CultureInfo.InvariantCulture,
        $"{work.Overdue} {work.Table} are due and not begun, the oldest for {work.OldestDueSeconds:0} s: more come than the workers carry out, or none takes "
        + $"them. Start more workers, or look into their log.");
}

/// <summary>The body of <c>/health/worker</c>.</summary>
/// <param name="Status">HEALTHY, DEGRADED or UNHEALTHY.</param>
/// <param name="Workers">Running workers.</param>
/// <param name="Partitions">Partitions of the topic transactions that they own, of 12.</param>
/// <param name="Lag">Records behind the committed offsets, those that are not due yet included.</param>
/// <param name="Waiting">Transactions that workers have read and hold until they are due.</param>
/// <param name="OldestDueSeconds">How far the oldest due transaction is behind its time.</param>
/// <param name="DeadLetters">Records that could not be processed and were put aside.</param>
/// <param name="Problems">What an operator has to mend, one sentence each.</param>
/// <param name="Tables">Each table of work by itself.</param>
internal sealed record WorkerHealthReply(
    string Status, int Workers, int Partitions, long Lag, long Waiting, double OldestDueSeconds, long DeadLetters, string[] Problems,
    IReadOnlyList<WorkState> Tables);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WorkerHealthReply))]
internal sealed partial class WorkerHealthJson : JsonSerializerContext;
