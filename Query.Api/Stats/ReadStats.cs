using Contracts;
using Data.Payments;
using Data.Transactions;
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

    // Among the first of the relay's indexes: a million may be open, and the oldest are among those that the relay publishes next.
    private static readonly string OldestPending =
        $"""
        SELECT
            (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM (
                SELECT created_at FROM transactions WHERE status = 'PROCESSING' ORDER BY next_publish_at LIMIT {WorkTable.MaxCounted}) AS t),
            (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM (
                SELECT created_at FROM payments WHERE processed_at IS NULL ORDER BY next_publish_at LIMIT {WorkTable.MaxCounted}) AS p)
        """;

    private static readonly string[] TransactionStatuses = [TransactionStatus.Processing, TransactionStatus.Processed, TransactionStatus.Failed];

    private static readonly string[] PaymentStatuses = [PaymentStatus.Pending, PaymentStatus.Processing, PaymentStatus.Success, PaymentStatus.Failed];

    public static async Task<StatsReply> RunAsync(
        NpgsqlDataSource database, StatsWindow window, WorkReport work, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var start = window.StartAt(now);
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(CountOf("transactions", start, window));
        batch.BatchCommands.Add(CountOf("payments", start, window));
        batch.BatchCommands.Add(new(SumMoved) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = start } } });
        batch.BatchCommands.Add(new(CountDeadLetters));
        batch.BatchCommands.Add(new(OldestPending));

        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var transactions = await ReadCountsAsync(row, cancellationToken);
        var payments = await ReadCountsAsync(row, cancellationToken);
        var moved = new List<MovedReply>();
        while (await row.ReadAsync(cancellationToken))
        {
            var currency = row.GetString(0);
            moved.Add(new(currency, Currency.Format(row.GetDecimal(1), currency), Currency.Format(row.GetDecimal(2), currency)));
        }

        await row.NextResultAsync(cancellationToken);
        var letters = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) letters.Add(row.GetString(0), row.GetInt64(1));
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var length = now.UtcDateTime - start;
        return new(
            now.UtcDateTime, window.Name, work.Workers, work.Partitions, work.Tables, letters,
            CountsReply.Of(ByStatus(transactions, TransactionStatuses), TransactionStatus.Processed, TransactionStatus.Failed, length, row.GetDouble(0)),
            CountsReply.Of(ByStatus(payments, PaymentStatuses), PaymentStatus.Success, PaymentStatus.Failed, length, row.GetDouble(1)),
            moved, (int)window.Bucket.TotalSeconds, Series(start, now.UtcDateTime, window.Bucket, transactions, payments));
    }

    private static NpgsqlBatchCommand CountOf(string table, DateTime start, StatsWindow window) => new(
        $"SELECT date_bin($2, created_at, $1), status, count(*) FROM {table} WHERE created_at >= $1 GROUP BY 1, 2")
    {
        Parameters = { new NpgsqlParameter<DateTime> { TypedValue = start }, Data.Parameter.Interval(window.Bucket) },
    };

    private static async Task<List<Count>> ReadCountsAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var counts = new List<Count>();
        while (await row.ReadAsync(cancellationToken)) counts.Add(new(row.GetDateTime(0), row.GetString(1), row.GetInt64(2)));
        await row.NextResultAsync(cancellationToken);
        return counts;
    }

    private static Dictionary<string, long> ByStatus(List<Count> counts, string[] statuses) =>
        statuses.ToDictionary(status => status, status => counts.Where(count => count.Status == status).Sum(count => count.Number));

    private static List<BucketReply> Series(DateTime start, DateTime end, TimeSpan bucket, List<Count> transactions, List<Count> payments)
    {
        var series = new List<BucketReply>();
        for (var at = start; at <= end; at += bucket)
        {
            series.Add(new(
                at, Sum(transactions, at), Sum(transactions, at, TransactionStatus.Failed), Sum(payments, at), Sum(payments, at, PaymentStatus.Failed)));
        }

        return series;
    }

    private static long Sum(List<Count> counts, DateTime at, string? status = null) =>
        counts.Where(count => count.At == at && (status is null || count.Status == status)).Sum(count => count.Number);

    private readonly record struct Count(DateTime At, string Status, long Number);
}
