using Npgsql;
using Processor.Worker.Ledger;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Ledger;

/// <summary>
/// A database of its own with a few payments in it, of user 1: a deposit and a withdrawal that succeeded (1: 100, 2: 30), a withdrawal under way (3: 20), one
/// that failed (4: 5) and a deposit that waits (5: 7). Triggers and foreign keys are off where a test breaks something: they would not let it.
/// </summary>
internal static class LedgerDatabase
{
    private const string Unguarded = "SET session_replication_role = replica;";

    private const string Payments =
        $"""
        {Unguarded}
        INSERT INTO payments (id, user_id, type, status, amount, currency, next_publish_at, processed_at) OVERRIDING SYSTEM VALUE VALUES
            (1, 1, 'deposit', 'success', 100, 'USD', now(), now()), (2, 1, 'withdrawal', 'success', 30, 'USD', now(), now()),
            (3, 1, 'withdrawal', 'processing', 20, 'USD', now(), NULL), (4, 1, 'withdrawal', 'failed', 5, 'USD', now(), now()),
            (5, 1, 'deposit', 'pending', 7, 'USD', now(), NULL);
        RESET session_replication_role;
        SELECT open_account('bank:1', 'bank', 'USD'), open_account('user:1', 'user', 'USD'), open_account('user:2', 'user', 'USD');
        SELECT post_transfer('payment:1', 'deposit', 'USD', ARRAY[1, 2], ARRAY[-100, 100]);
        SELECT place_hold('payment:2', 2, 30), place_hold('payment:3', 2, 20), place_hold('payment:4', 2, 5), release_hold('payment:4');
        SELECT post_transfer('payment:2', 'withdrawal', 'USD', ARRAY[1, 2], ARRAY[30, -30], 'payment:2');
        """;

    public static async Task<string> CreateLedgerAsync(this Servers servers)
    {
        var database = await servers.CreateDatabaseAsync();
        await servers.RunAsync(Payments, database);
        return database;
    }

    public static Task BreakAsync(this Servers servers, string database, string sql) => servers.RunAsync($"{Unguarded} {sql}", database);

    public static async Task<LedgerReport> CheckAsync(string database)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return await CheckLedger.RunAsync(connection, TestContext.Current.CancellationToken);
    }
}
