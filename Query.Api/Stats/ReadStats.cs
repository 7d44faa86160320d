using Contracts;
using Data.Workers;
using Npgsql;

namespace Query.Api.Stats;

/// <summary>Counts a window, in one round trip. SQL rather than LINQ: EF Core has no date_bin.</summary>
internal static class ReadStats
{
    private const string SumMoved =
        """
        SELECT currency, coalesce(sum(amount) FILTER (WHERE type = 'deposit'), 0), coalesce(sum(amount) FILTER (WHERE type = 'withdrawal'), 0)
        FROM payments WHERE status = 'success' AND created_at >= $1 GROUP BY currency ORDER BY currency
        """;

    private const string CountDeadLetters = "SELECT topic, count(*) FROM dead_letters GROUP BY topic ORDER BY topic";

    // In the order of the members of BucketReply.
    private static readonly IReadOnlyList<CountedKind> Kinds =
        [CountedKind.Transactions, CountedKind.Payments, CountedKind.Charges, CountedKind.Installments, CountedKind.Webhooks];

    private static readonly string OldestPending =
        $"SELECT {string.Join(", ", Kinds.Select(kind => $"coalesce({kind.OldestPending}, 0)::float8"))}";

    public static async Task<StatsReply> RunAsync(
        NpgsqlDataSource database, StatsWindow window, WorkReport work, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var start = window.StartAt(now);
        await using var batch = database.CreateBatch();
        foreach (var kind in Kinds)
        {
            batch.BatchCommands.Add(new(kind.Count)
            { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = start }, Data.Parameter.Interval(window.Bucket) } });
        }

        batch.BatchCommands.Add(new(OldestPending));
        batch.BatchCommands.Add(new(SumMoved) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = start } } });
        batch.BatchCommands.Add(new(CountDeadLetters));

        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var buckets = new List<List<Count>>();
        foreach (var _ in Kinds) buckets.Add(await ReadCountsAsync(row, cancellationToken));
        await row.ReadAsync(cancellationToken);
        CountsReply[] counts = [.. Kinds.Select((kind, i) => CountsReply.Of(ByStatus(buckets[i], kind), kind, now.UtcDateTime - start, row.GetDouble(i)))];
        await row.NextResultAsync(cancellationToken);
        var moved = await ReadMovedAsync(row, cancellationToken);
        return new(
            now.UtcDateTime, window.Name, work.Workers, work.Partitions, work.Tables, await ReadLettersAsync(row, cancellationToken),
            counts[0], counts[1], counts[2], counts[3], counts[4], moved, (int)window.Bucket.TotalSeconds,
            Series(start, now.UtcDateTime, window.Bucket, buckets));
    }

    private static async Task<List<Count>> ReadCountsAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var counts = new List<Count>();
        while (await row.ReadAsync(cancellationToken)) counts.Add(new(row.GetDateTime(0), row.GetString(1), row.GetInt64(2)));
        await row.NextResultAsync(cancellationToken);
        return counts;
    }

    private static async Task<List<MovedReply>> ReadMovedAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var moved = new List<MovedReply>();
        while (await row.ReadAsync(cancellationToken))
        {
            var currency = row.GetString(0);
            moved.Add(new(currency, Currency.Format(row.GetDecimal(1), currency), Currency.Format(row.GetDecimal(2), currency)));
        }

        await row.NextResultAsync(cancellationToken);
        return moved;
    }

    private static async Task<Dictionary<string, long>> ReadLettersAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var letters = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) letters.Add(row.GetString(0), row.GetInt64(1));
        return letters;
    }

    private static Dictionary<string, long> ByStatus(List<Count> counts, CountedKind kind) =>
        kind.Statuses.ToDictionary(status => status, status => counts.Where(count => count.Status == status).Sum(count => count.Number));

    private static List<BucketReply> Series(DateTime start, DateTime end, TimeSpan bucket, List<List<Count>> buckets)
    {
        var series = new List<BucketReply>();
        for (var at = start; at <= end; at += bucket)
        {
            (long All, long Failed) Of(int kind) => (Sum(buckets[kind], at), Sum(buckets[kind], at, Kinds[kind].Failed));
            var (transactions, payments, charges, installments, webhooks) = (Of(0), Of(1), Of(2), Of(3), Of(4));
            series.Add(new(
                at, transactions.All, transactions.Failed, payments.All, payments.Failed, charges.All, charges.Failed, installments.All, installments.Failed,
                webhooks.All, webhooks.Failed));
        }

        return series;
    }

    private static long Sum(List<Count> counts, DateTime at, string? status = null) =>
        counts.Where(count => count.At == at && (status is null || count.Status == status)).Sum(count => count.Number);

    private readonly record struct Count(DateTime At, string Status, long Number);
}
