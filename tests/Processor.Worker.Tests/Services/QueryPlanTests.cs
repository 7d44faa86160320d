using Data;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Relay;
using Processor.Worker.Tests.Worlds;
using Processor.Worker.Transactions;

namespace Processor.Worker.Tests.Services;

public sealed class QueryPlanTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_finds_its_rows_by_their_ids_also_when_statistics_say_that_nothing_is_PROCESSING()
    {
        await using var database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        await FillAsync(database, "old", "PROCESSED");
        await ExecuteAsync(database, "ALTER TABLE transactions SET (autovacuum_enabled = off)");
        await ExecuteAsync(database, "ANALYZE transactions");
        await FillAsync(database, "new", "PROCESSING");

        var ids = Parameter.Array<string>([.. Enumerable.Range(1, 50).Select(n => $"new{n}")], NpgsqlDbType.Text);
        var delay = new NpgsqlParameter<TimeSpan> { TypedValue = TimeSpan.FromSeconds(30), NpgsqlDbType = NpgsqlDbType.Interval };
        AssertById(await ExplainAsync(database, PostTransactions.Due, ids, delay));
        AssertById(await ExplainAsync(database, RelayedTable.Transactions.GiveBack, ids, delay));
        AssertById(await ExplainAsync(
            database, RecordOutcomes.Record, ids,
            Parameter.Array<string>([.. Enumerable.Repeat("PROCESSED", 50)], NpgsqlDbType.Text),
            Parameter.Array(new string?[50], NpgsqlDbType.Text),
            Parameter.Array(new TimeSpan[50], NpgsqlDbType.Interval),
            delay,
            Parameter.Array(new int[50], NpgsqlDbType.Integer)));
    }

    [Fact]
    public async Task The_relay_finds_what_is_due_by_the_outbox()
    {
        await using var database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());
        await FillAsync(database, "old", "PROCESSED");
        await FillAsync(database, "new", "PROCESSING");
        await ExecuteAsync(database, "UPDATE transaction_outbox SET look_at = now()");
        await ExecuteAsync(database, "ANALYZE transactions, transaction_outbox");

        var plan = await ExplainAsync(database, RelayedTable.Transactions.Claim, new NpgsqlParameter<int> { TypedValue = 500 });
        Assert.Contains("transaction_outbox_look_at", plan, StringComparison.Ordinal);
        Assert.Contains("transactions_created_at", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on transactions", plan, StringComparison.Ordinal);
    }

    private static void AssertById(string plan)
    {
        Assert.Contains("transactions_pkey", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("transactions_created_at", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on transactions", plan, StringComparison.Ordinal);
    }

    private static Task FillAsync(NpgsqlDataSource database, string prefix, string status)
    {
        var processedAt = $"CASE '{status}' WHEN 'PROCESSED' THEN now() END";
        return ExecuteAsync(
            database,
            $"""
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, status, created_at, processed_at, next_publish_at)
            SELECT '{prefix}' || n, 'acc_a', 'acc_b', 1, 'USD', '{status}', now() - interval '1 min' - n / 10 * interval '1 us', {processedAt},
                now() + interval '1 d'
            FROM generate_series(1, 20000) AS n
            """);
    }

    private static async Task<string> ExplainAsync(NpgsqlDataSource database, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCommand($"EXPLAIN {sql}");
        command.Parameters.AddRange(parameters.Select(parameter => parameter.Clone()).ToArray());
        await using var lines = await command.ExecuteReaderAsync(Cancelled);
        var plan = new List<string>();
        while (await lines.ReadAsync(Cancelled)) plan.Add(lines.GetString(0));
        return string.Join('\n', plan);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
