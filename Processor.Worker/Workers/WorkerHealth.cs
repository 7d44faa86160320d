using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;
using Npgsql;
using ServiceDefaults.OpenApi;

namespace Processor.Worker.Workers;

/// <summary>
/// <c>GET /health/worker</c>: the state of all workers together, read from their rows and from the tables. UNHEALTHY and 503 when no worker runs, when a
/// partition has no owner, or when a transaction is far behind its time. DEGRADED and 200 when a worker reports a problem that an operator has to mend: work
/// that it concerns waits, all other work goes on.
/// </summary>
internal static class WorkerHealth
{
    /// <summary>A worker writes its row every 2 s; after seven missed ones it counts as gone.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After a worker's death its partitions move when the session time-out of its group ends (15 s with the classic protocol, the broker's setting with
    /// KIP-848), and their records are then read again. A transaction that is later than this is late for another reason.
    /// </summary>
    private const int TooLateSeconds = 60;

    private const string Read =
        """
        WITH workers AS (SELECT * FROM worker_instances WHERE seen_at > now() - $1)
        SELECT count(*)::int, coalesce(sum(partitions), 0)::int, coalesce(sum(lag), 0)::bigint, coalesce(sum(waiting), 0)::bigint,
            greatest(
                coalesce(max(oldest_due_seconds), 0),
                -- Rows that the relay must publish: how long the oldest has been due.
                (SELECT coalesce(extract(epoch FROM now() - min(next_publish_at)), 0) FROM transactions WHERE status = 'PROCESSING'))::float8,
            (SELECT count(*) FROM dead_letters),
            ARRAY(SELECT DISTINCT problem FROM workers, unnest(problems) AS problem ORDER BY problem)
        FROM workers
        """;

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
         "dead_letters":0,"problems":[]}
        """;

    private static async Task<IResult> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Read);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = GoneAfter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (workers, partitions, oldest) = (reader.GetInt32(0), reader.GetInt32(1), Math.Round(Math.Max(0, reader.GetDouble(4)), 3));
        var problems = reader.GetFieldValue<string[]>(6);
        var isHealthy = workers > 0 && partitions >= Topics.Partitions && oldest < TooLateSeconds;
        var status = !isHealthy ? "UNHEALTHY" : problems.Length > 0 ? "DEGRADED" : "HEALTHY";
        return Results.Json(
            new WorkerHealthReply(status, workers, partitions, reader.GetInt64(2), reader.GetInt64(3), oldest, reader.GetInt64(5), problems),
            WorkerHealthJson.Wire.WorkerHealthReply,
            statusCode: isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
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
    [property: Description("What an operator has to mend, one sentence each.")] string[] Problems);

[JsonSerializable(typeof(WorkerHealthReply))]
internal sealed partial class WorkerHealthJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static WorkerHealthJson Wire { get; } = new(WireJson.Options());
}
