using System.ComponentModel;
using Npgsql;

namespace Data.Workers;

/// <summary>How far the workers are behind, all together.</summary>
/// <param name="Workers">Running workers.</param>
/// <param name="Partitions">Partitions of the topic transactions that they own.</param>
/// <param name="Tables">The tables of work, in the order of <see cref="WorkTable.All"/>.</param>
/// <param name="DeadLetters">Rows of <c>dead_letters</c>.</param>
/// <param name="Problems">What the workers report that an operator has to mend, one sentence each.</param>
public sealed record WorkReport(int Workers, int Partitions, IReadOnlyList<WorkState> Tables, long DeadLetters, IReadOnlyList<string> Problems);

/// <summary>The state of a table of work, as operators see it in /health/worker and /admin/stats.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Topic">The topic of its records; null where the workers find the rows by polling.</param>
/// <param name="Lag">Records behind the committed offsets of all workers.</param>
/// <param name="Waiting">Records that the workers have read and hold.</param>
/// <param name="Overdue">Rows that are due and nobody has taken, counted up to <see cref="WorkTable.MaxCounted"/>.</param>
/// <param name="OldestDueSeconds">For how long the oldest due one has been due.</param>
[DisplayName("WorkState")]
public sealed record WorkState(
    [property: Description("The table's name.")] string Table,
    [property: Description("The topic of its records; null where the workers find the rows by polling.")] string? Topic,
    [property: Description("Records behind the committed offsets of all workers; 0 without a topic.")] long Lag,
    [property: Description("Records that the workers have read and hold; 0 without a topic.")] long Waiting,
    [property: Description("Rows that are due and nobody has taken, counted up to 10,000.")] int Overdue,
    [property: Description("For how long the oldest due one has been due.")] double OldestDueSeconds);

/// <summary>Reads the workers' rows and the tables of work, in one round trip.</summary>
public static class ReadWork
{
    /// <summary>A worker writes its row every 2 s; after seven missed ones it counts as gone.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(15);

    private const string Workers =
        """
        WITH workers AS (SELECT * FROM worker_instances WHERE seen_at > now() - $1)
        SELECT count(*)::int, coalesce(sum(partitions), 0)::int, coalesce(max(oldest_due_seconds), 0),
            ARRAY(SELECT DISTINCT problem FROM workers, unnest(problems) AS problem ORDER BY problem),
            (SELECT count(*) FROM dead_letters)
        FROM workers
        """;

    private const string ByTopic =
        """
        SELECT topic.key, sum((topic.value->>'lag')::bigint)::bigint, sum((topic.value->>'waiting')::bigint)::bigint
        FROM worker_instances, jsonb_each(topics) AS topic WHERE seen_at > now() - $1 GROUP BY topic.key
        """;

    /// <summary>Reads them.</summary>
    public static async Task<WorkReport> RunAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(Workers) { Parameters = { Parameter.Interval(GoneAfter) } });
        batch.BatchCommands.Add(new(ByTopic) { Parameters = { Parameter.Interval(GoneAfter) } });
        foreach (var table in WorkTable.All) batch.BatchCommands.Add(new(table.Overdue));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);

        await row.ReadAsync(cancellationToken);
        var (workers, partitions, oldestHeld) = (row.GetInt32(0), row.GetInt32(1), row.GetDouble(2));
        var (problems, deadLetters) = (row.GetFieldValue<string[]>(3), row.GetInt64(4));
        await row.NextResultAsync(cancellationToken);
        var topics = new Dictionary<string, (long Lag, long Waiting)>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) topics[row.GetString(0)] = (row.GetInt64(1), row.GetInt64(2));

        var tables = new List<WorkState>();
        foreach (var table in WorkTable.All)
        {
            await row.NextResultAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            var (lag, waiting) = table.Topic is { } topic ? topics.GetValueOrDefault(topic) : default;
            var oldest = table.Topic == Contracts.Topics.Transactions ? Math.Max(oldestHeld, row.GetDouble(1)) : row.GetDouble(1);
            tables.Add(new(table.Name, table.Topic, lag, waiting, row.GetInt32(0), Math.Round(Math.Max(0, oldest), 3)));
        }

        return new(workers, partitions, tables, deadLetters, problems);
    }
}
