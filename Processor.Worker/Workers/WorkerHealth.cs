using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using Contracts;
using Data.Workers;
using Npgsql;
using ServiceDefaults.OpenApi;

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
        .WithName("getWorkerHealth").WithTags("Health")
        .WithSummary("The state of all workers together")
        .WithDescription(
            "503 and UNHEALTHY when no worker runs, when a partition has no owner, or when a transaction is more than a minute behind its time. "
            + "200 and DEGRADED when `problems` names something that an operator has to mend.")
        .Produces<WorkerHealthReply>().Produces<WorkerHealthReply>(StatusCodes.Status503ServiceUnavailable)
        .Answers(StatusCodes.Status200OK, "HEALTHY, or DEGRADED.")
        .WithResponseExample(StatusCodes.Status200OK, Example("HEALTHY", workers: 2, partitions: 12))
        .Answers(StatusCodes.Status503ServiceUnavailable, "UNHEALTHY; or a problem, when the workers' state cannot be read.")
        .WithResponseExample(StatusCodes.Status503ServiceUnavailable, Example("UNHEALTHY", workers: 0, partitions: 0))
        .OrFails(StatusCodes.Status503ServiceUnavailable);

    private static string Example(string status, int workers, int partitions) =>
        $$"""
        {"status":"{{status}}","workers":{{workers}},"partitions":{{partitions}},"lag":{{partitions}},"waiting":{{partitions}},"oldest_due_seconds":0,
         "dead_letters":0,"problems":[],"tables":[
          {"table":"transactions","topic":"transactions","lag":{{partitions}},"waiting":{{partitions}},"overdue":0,"oldest_due_seconds":0},
          {"table":"payments","topic":"payments","lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
          {"table":"installments","topic":null,"lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0}]}
        """;

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
            reply, WorkerHealthJson.Wire.WorkerHealthReply, statusCode: isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static string Behind(WorkState work) => string.Create(
        CultureInfo.InvariantCulture,
        $"{work.Overdue} {work.Table} are due and not begun, the oldest for {work.OldestDueSeconds:0} s: more come than the workers carry out, or none takes "
        + $"them. Start more workers, or look into their log.");
}

/// <summary>The body of <c>/health/worker</c>.</summary>
[DisplayName("WorkerHealth")]
internal sealed record WorkerHealthReply(
    [property: Description("The state of all workers together."), AllowedValues("HEALTHY", "DEGRADED", "UNHEALTHY")] string Status,
    [property: Description("Running workers.")] int Workers,
    [property: Description("Partitions of the topic transactions that they own, of 12.")] int Partitions,
    [property: Description("Records behind the committed offsets, those that are not due yet included.")] long Lag,
    [property: Description("Transactions that workers have read and hold until they are due.")] long Waiting,
    [property: Description("How far the oldest due transaction is behind its time.")] double OldestDueSeconds,
    [property: Description("Records that could not be processed and were put aside.")] long DeadLetters,
    [property: Description("What an operator has to mend, one sentence each.")] string[] Problems,
    [property: Description("Each table of work by itself.")] IReadOnlyList<WorkState> Tables);

[JsonSerializable(typeof(WorkerHealthReply))]
internal sealed partial class WorkerHealthJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static WorkerHealthJson Wire { get; } = new(WireJson.Options());
}
