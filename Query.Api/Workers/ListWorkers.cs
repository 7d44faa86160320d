using System.ComponentModel;
using Data;
using Data.Workers;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults.OpenApi;

namespace Query.Api.Workers;

/// <summary>
/// <c>GET /admin/workers</c>: each worker by itself, as it last reported: those that run, and those that are gone and were seen within the last hour. One that
/// was stopped has deleted its row; one that is shown as gone has died or cannot reach the database.
/// </summary>
internal static class ListWorkers
{
    /// <summary>A worker that dies at every start leaves a row each time: no more than that are shown, the running ones first.</summary>
    private const int MaxRows = 200;

    private static readonly TimeSpan ShownFor = TimeSpan.FromHours(1);

    private const string Sql =
        """
        SELECT instance_id, seen_at, is_gone, partitions, oldest_due_seconds, problems, ARRAY(SELECT key FROM jsonb_each(topics) ORDER BY key),
            ARRAY(SELECT (value->>'lag')::bigint FROM jsonb_each(topics) ORDER BY key),
            ARRAY(SELECT (value->>'waiting')::bigint FROM jsonb_each(topics) ORDER BY key)
        FROM (SELECT *, seen_at <= now() - $1 AS is_gone FROM worker_instances WHERE seen_at > now() - $2) AS workers
        ORDER BY is_gone, CASE WHEN is_gone THEN seen_at END DESC, instance_id LIMIT $3
        """;

    public static void MapListWorkers(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listWorkers")
            .WithSummary("The workers, each by itself")
            .WithDescription("Those that run first, then those that died within the last hour, the last one first; 200 at most. A worker reports every 2 s, "
                + "and counts as gone when it has not for 15 s. One that was stopped in order is not shown.")
            .Answers(StatusCodes.Status200OK, "The workers; none when none runs and none died within the last hour.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{WorkerReply.Example}}]}""")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
    }

    private static async Task<Ok<WorkersReply>> HandleAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(Parameter.Interval(ReadWork.GoneAfter));
        command.Parameters.Add(Parameter.Interval(ShownFor));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MaxRows });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var workers = new List<WorkerReply>();
        while (await row.ReadAsync(cancellationToken)) workers.Add(WorkerReply.Read(row));
        return TypedResults.Ok(new WorkersReply(workers));
    }
}

/// <summary>The workers.</summary>
[DisplayName("Workers")]
internal sealed record WorkersReply([property: Description("Running ones first.")] IReadOnlyList<WorkerReply> Data);

/// <summary>A worker as it last reported.</summary>
[DisplayName("Worker")]
internal sealed record WorkerReply(
    [property: Description("Chosen at every start: host, process and a UUID.")] string Id,
    [property: Description("When it started, UTC, as its id says; null when it does not say.")] DateTime? StartedAt,
    [property: Description("When it last reported, UTC.")] DateTime SeenAt,
    [property: Description("Whether it has not reported for 15 s: it has died, or cannot reach the database.")] bool IsGone,
    [property: Description("Partitions of the topic transactions that it owns, of 12.")] int Partitions,
    [property: Description("How late the oldest record is that is due and that it holds; 0 without one.")] double OldestDueSeconds,
    [property: Description("What an operator has to mend, one sentence each.")] IReadOnlyList<string> Problems,
    [property: Description("The topics that it reads, by name.")] IReadOnlyList<WorkerTopicReply> Topics)
{
    private const int UuidDigits = 32;

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":"worker-0-17-019a6f3e8b1a7c3d9e4f0a1b2c3d4e5f","started_at":"2025-11-10T17:39:06.778Z","seen_at":"2026-01-15T10:30:00.123456Z",
         "is_gone":false,"partitions":12,"oldest_due_seconds":0,"problems":[],
         "topics":[{"topic":"payments","lag":0,"waiting":0},{"topic":"transactions","lag":90,"waiting":90}]}
        """;

    /// <summary>The row that the reader stands on.</summary>
    public static WorkerReply Read(NpgsqlDataReader row)
    {
        var (topics, lags, waiting) = (row.GetFieldValue<string[]>(6), row.GetFieldValue<long[]>(7), row.GetFieldValue<long[]>(8));
        return new(
            row.GetString(0), StartOf(row.GetString(0)), row.GetDateTime(1), row.GetBoolean(2), row.GetInt32(3), Math.Round(Math.Max(0, row.GetDouble(4)), 3),
            row.GetFieldValue<string[]>(5), [.. topics.Select((topic, n) => new WorkerTopicReply(topic, lags[n], waiting[n]))]);
    }

    /// <summary>The id ends with a UUID of version 7, which begins with the time at which the worker chose it.</summary>
    private static DateTime? StartOf(string id) =>
        id.Length >= UuidDigits && Guid.TryParseExact(id[^UuidDigits..], "N", out var uuid) && uuid.Version == 7 ? UuidTime.Of(uuid) : null;
}

/// <summary>A topic that a worker reads.</summary>
[DisplayName("WorkerTopic")]
internal sealed record WorkerTopicReply(
    [property: Description("The topic's name.")] string Topic,
    [property: Description("Records of its partitions behind its committed offsets.")] long Lag,
    [property: Description("Records that it has read and holds.")] long Waiting);
