using System.Globalization;
using Data.Ledger;
using Data.Payments;
using Npgsql;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Payments;

/// <summary>A world with one user who has 100.00 USD.</summary>
public sealed class PaymentWorld : IAsyncDisposable
{
    private PaymentWorld(World world, long user, long account) => (World, User, Account) = (world, user, account);

    public World World { get; }

    public long User { get; }

    public long Account { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<PaymentWorld> CreateAsync(Servers servers)
    {
        var world = await World.CreateAsync(servers);
        await using var connection = await world.Database.OpenConnectionAsync(Cancelled);
        await using var insert = new NpgsqlCommand("INSERT INTO users (email, api_key_hash) VALUES ('a@example.com', sha256('')) RETURNING id", connection);
        var user = (long)(await insert.ExecuteScalarAsync(Cancelled))!;
        var account = await OpenAccount.RunAsync(connection, Accounts.OfUser(user, "USD"), Cancelled);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfBank(user, "USD"), Cancelled);
        await PostTransfers.AndCommitAsync(connection, [new NewTransfer("opening", "deposit", "USD", new Data.Ledger.Posting(account, 100), new Data.Ledger.Posting(bank, -100))], Cancelled);
        return new(world, user, account);
    }

    /// <summary>What a worker is told about this bank: everything at once, also after many attempts, and a lease that ends soon.</summary>
    public static (string Name, string Value)[] With(TestBank bank, params (string Name, string Value)[] settings) =>
    [
        ("Bank:Url", bank.Url), ("Bank:Timeout", "00:00:04"), ("Payments:Lease", "00:00:10"), ("Payments:RetryBase", "00:00:00.050"),
        ("Payments:MaxRetryWait", "00:00:01"), ("Payments:CallbackTimeout", "00:00:01"), .. settings,
    ];

    /// <summary>A payment as Ingest.Api leaves it, whose record was lost: the relay brings it at once.</summary>
    public async Task<long> AddAsync(string type, decimal amount = 10, bool isUnanswered = false, int attempts = 0)
    {
        await using var connection = await World.Database.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var insert = new NpgsqlCommand(
            "INSERT INTO payments (user_id, type, amount, currency, next_publish_at, is_unanswered, attempts) VALUES ($1, $2, $3, 'USD', now(), $4, $5) RETURNING id", connection)
        {
            Parameters = { new() { Value = User }, new() { Value = type }, new() { Value = amount }, new() { Value = isUnanswered }, new() { Value = attempts } },
        };
        var id = (long)(await insert.ExecuteScalarAsync(Cancelled))!;
        if (type == PaymentType.Withdrawal) Assert.True(await PlaceHold.RunAsync(connection, SettlePayments.ReferenceOf(id), Accounts.OfUser(User, "USD"), amount, Cancelled));
        await transaction.CommitAsync(Cancelled);
        return id;
    }

    /// <summary>Waits until it is settled: its status, the account's balance and what is held on it, and the transfers of it.</summary>
    public async Task<(string Status, string Account, long Transfers)> SettledAsync(long id)
    {
        await Eventually.TrueAsync(_ => World.ScalarAsync<bool>($"SELECT processed_at IS NOT NULL FROM payments WHERE id = {id}"), Cancelled);
        return (
            await World.ScalarAsync<string>($"SELECT status FROM payments WHERE id = {id}"),
            await World.ScalarAsync<string>($"SELECT trim_scale(balance) || ' ' || trim_scale(held) FROM accounts WHERE id = {Account}"),
            await World.ScalarAsync<long>(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM transfers WHERE reference = 'payment:{id}'")));
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
