using System.Text.Json.Serialization;
using Contracts;
using Npgsql;

namespace Processor.Worker.Workers;

/// <summary>
/// <c>GET /health/worker</c>: how all workers together are doing, read from their rows and from the tables, not counted up and down. 503
/// when nobody works, when a partition has no owner, or when a transaction is far behind its time.
/// </summary>
internal static class WorkerHealth
{
    /// <summary>A worker writes its row every 2 s; after seven times that it is gone.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(15);

    /// <summary>A rebalance on a worker's death takes a session time-out of 6-45 s; what is later than that is a fault.</summary>
    private const int TooLateSeconds = 60;

    private const string Read =
        """
        SELECT count(*)::int, coalesce(sum(partitions), 0)::int, coalesce(sum(lag), 0)::bigint, coalesce(sum(waiting), 0)::bigint,
            greatest(
                coalesce(max(oldest_due_seconds), 0),
                -- What is the relay's and waits still: overdue by the relay's grace and however long it has waited beyond.
                (SELECT coalesce(extract(epoch FROM now() - min(next_publish_at)), 0) FROM transactions WHERE status = 'PROCESSING'))::float8,
            (SELECT count(*) FROM dead_letters)
        FROM worker_instances WHERE seen_at > now() - $1
        """;

    public static void AddWorkerHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WorkerGauges>();
        builder.Services.AddHostedService<WorkerHeartbeat>();
    }

    public static void MapWorkerHealth(this WebApplication app) => app.MapGet("/health/worker", ReadAsync)
        .WithName("GetWorkerHealth").WithTags("Health")
        .WithSummary("How all workers together are doing")
        .WithDescription("503 when nobody works, when a partition has no owner, or when a transaction is more than a minute behind its time.")
        .Produces<WorkerHealthReply>().Produces<WorkerHealthReply>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Read);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = GoneAfter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (workers, partitions, oldest) = (reader.GetInt32(0), reader.GetInt32(1), Math.Round(Math.Max(0, reader.GetDouble(4)), 3));
        var isHealthy = workers > 0 && partitions >= Topics.Partitions && oldest < TooLateSeconds;
        return Results.Json(
            new WorkerHealthReply(
                isHealthy ? "HEALTHY" : "UNHEALTHY", workers, partitions, reader.GetInt64(2), reader.GetInt64(3), oldest, reader.GetInt64(5)),
            WorkerHealthJson.Default.WorkerHealthReply,
            statusCode: isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>The body of <c>/health/worker</c>.</summary>
/// <param name="Status">HEALTHY or UNHEALTHY.</param>
/// <param name="Workers">Workers that run.</param>
/// <param name="Partitions">Partitions of the topic transactions that they own, of 12.</param>
/// <param name="Lag">Records behind the committed offsets; what waits for its time is among them.</param>
/// <param name="Waiting">Transactions that workers have read and hold until they are due.</param>
/// <param name="OldestDueSeconds">How far the oldest due transaction is behind its time.</param>
/// <param name="DeadLetters">Records that could not be processed and were put aside.</param>
internal sealed record WorkerHealthReply(
    string Status, int Workers, int Partitions, long Lag, long Waiting, double OldestDueSeconds, long DeadLetters);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WorkerHealthReply))]
internal sealed partial class WorkerHealthJson : JsonSerializerContext;
