using Data.Ledger;
using Data.Payments;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Ledger;

/// <summary>
/// A database of its own with payments of user 1: a deposit and a withdrawal that succeeded (1: 100, 2: 30), a withdrawal under way (3: 20), one
/// that failed (4: 5) and a deposit that waits (5: 7). Triggers and foreign keys are off where a test breaks something: they would refuse it.
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
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<string> CreateLedgerAsync(this Servers servers)
    {
        var database = await servers.CreateDatabaseAsync();
        await servers.RunAsync(Payments, database);
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync(Cancelled);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfBank(1, "USD"), Cancelled);
        var user = await OpenAccount.RunAsync(connection, Accounts.OfUser(1, "USD"), Cancelled);
        await OpenAccount.RunAsync(connection, Accounts.OfUser(2, "USD"), Cancelled);
        await PostTransfers.AndCommitAsync(connection, [new("payment:1", "deposit", "USD", new(bank, -100), new(user, 100))], Cancelled);
        await HoldAsync(connection, "payment:2", 30);
        await HoldAsync(connection, "payment:3", 20);
        await PostTransfers.AndCommitAsync(
            connection, [new("payment:2", "withdrawal", "USD", new(bank, 30), new(user, -30)) { UsingHold = "payment:2" }], Cancelled);
        return database;
    }

    public static Task BreakAsync(this Servers servers, string database, string sql) => servers.RunAsync($"{Unguarded} {sql}", database);

    public static async Task<LedgerReport> CheckAsync(string database)
    {
        await using var connection = new NpgsqlConnection($"{database};Pooling=false");
        await connection.OpenAsync(Cancelled);
        return await new LedgerCheck([.. LedgerRules.All, .. PaymentLedgerRules.All]).RunAsync(connection, new(), Cancelled);
    }

    private static async Task HoldAsync(NpgsqlConnection connection, string reference, decimal amount)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        Assert.True(await PlaceHold.RunAsync(connection, reference, Accounts.OfUser(1, "USD"), amount, Cancelled));
        await transaction.CommitAsync(Cancelled);
    }
}
