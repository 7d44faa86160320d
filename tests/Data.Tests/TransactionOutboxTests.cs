using Data.Transactions;
using Data.Workers;
using Npgsql;

namespace Data.Tests;

/// <summary>The promises that the outbox of transactions rests on.</summary>
public class TransactionOutboxTests(Database database)
{
    private const string Insert =
        "INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, status, created_at, processed_at, next_publish_at)";

    [Fact]
    public async Task Whatever_inserts_transactions_they_are_in_the_outbox_once_a_commit_until_two_seconds_after_they_are_due()
    {
        // Each is published again a grace after it is due; the trigger knows of that grace only as a number of seconds.
        await database.RunAsync(
            $"""
            {Insert}
            SELECT id, 'a', 'b', 1, 'USD', status, created_at, processed_at, due_at + interval '{TransactionSchedule.RelayGrace}'
            FROM (VALUES
                ('first_1', 'PROCESSING', '2031-01-15T10:00:00Z'::timestamptz, NULL, '2031-01-15T10:00:30Z'::timestamptz),
                ('first_2', 'PROCESSING', '2031-01-15T10:00:00Z', NULL, '2031-01-15T10:00:35Z'),
                ('second', 'PROCESSING', '2031-01-15T11:00:00Z', NULL, '2031-01-15T11:00:30Z'),
                ('over', 'PROCESSED', '2031-01-15T12:00:00Z', now(), '2031-01-15T12:00:30Z')) AS new (id, status, created_at, processed_at, due_at)
            """);

        Assert.Equal(
            ["2031-01-15 10:00:00 2031-01-15 10:00:32", "2031-01-15 11:00:00 2031-01-15 11:00:32"],
            await database.ReadAsync(
                """
                SELECT (created_at AT TIME ZONE 'UTC') || ' ' || (look_at AT TIME ZONE 'UTC') FROM transaction_outbox
                WHERE created_at::date = '2031-01-15' ORDER BY 1
                """));
    }

    [Fact]
    public async Task A_commit_that_is_rolled_back_is_not_in_the_outbox()
    {
        await Assert.ThrowsAsync<PostgresException>(() => database.RunAsync(
            $"{Insert} SELECT 'same', 'a', 'b', 1, 'USD', 'PROCESSING', '2032-01-15Z', NULL, '2032-01-15Z' FROM generate_series(1, 2)"));

        Assert.Empty(await database.ReadAsync("SELECT 'in it' FROM transaction_outbox WHERE created_at = '2032-01-15Z'"));
    }

    /// <summary>An index that names what an outcome changes makes each outcome write every index anew.</summary>
    [Fact]
    public async Task No_index_of_transactions_names_what_an_outcome_changes()
    {
        var indexes = await database.ReadAsync("SELECT indexdef FROM pg_indexes WHERE tablename = 'transactions'");
        Assert.Equal(5, indexes.Count);
        foreach (var column in (string[])["status", "processed_at", "attempts", "next_publish_at"])
            Assert.All(indexes, index => Assert.DoesNotContain(column, index, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_outcomes_of_a_commit_are_heap_only_updates()
    {
        await database.RunAsync(
            $"""
            {Insert}
            SELECT 'hot_' || md5(n::text), 'acc_user_' || n, 'acc_merchant_' || n, 150.5, 'USD', 'PROCESSING', now(), NULL, now()
            FROM generate_series(1, 1000) AS n
            """);

        // The counts of the transaction's own: those of all come later.
        var counts = await database.ReadAsync(
            """
            WITH processed AS (
                UPDATE transactions SET status = 'PROCESSED', processed_at = now(), attempts = attempts + 1
                WHERE transaction_id LIKE 'hot\_%' RETURNING 1)
            SELECT count(*)::text FROM processed
            UNION ALL SELECT pg_stat_get_xact_tuples_hot_updated('transactions'::regclass)::text WHERE (SELECT count(*) FROM processed) > 0
            """);
        Assert.Equal(["1000", "1000"], counts);
    }

    [Fact]
    public async Task Of_overdue_transactions_so_many_are_counted_and_the_oldest_is_among_them()
    {
        var overdue = WorkTable.All.Single(table => table.Name == "transactions").Overdue;
        Assert.Equal(
            [$"{WorkTable.MaxCounted} 7200"],
            await database.ReadAsync(
                $"""
                BEGIN;
                {Insert}
                SELECT 'late_' || n, 'a', 'b', 1, 'USD', 'PROCESSING', now() - interval '5 min', NULL, now() - interval '3 min'
                FROM generate_series(1, {WorkTable.MaxCounted + 10}) AS n;
                {Insert} VALUES ('later', 'a', 'b', 1, 'USD', 'PROCESSING', now() - interval '3 h', NULL, now() - interval '2 h');
                SELECT count || ' ' || seconds FROM ({overdue}) AS overdue (count, seconds);
                ROLLBACK
                """));
    }
}
