using System.Globalization;
using Data.Ledger;
using Data.Payments;
using Npgsql;

namespace Processor.Worker.Tests.Payments;

/// <summary>A database with one user who has 100.00 USD, and payments of that user.</summary>
public sealed class PaymentRows
{
    private readonly NpgsqlDataSource _database;

    private PaymentRows(NpgsqlDataSource database, long user, long account) => (_database, User, Account) = (database, user, account);

    public long User { get; }

    public long Account { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<PaymentRows> CreateAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        await using var insert = new NpgsqlCommand("INSERT INTO users (email, api_key_hash) VALUES ('a@example.com', sha256('')) RETURNING id", connection);
        var user = (long)(await insert.ExecuteScalarAsync(Cancelled))!;
        var account = await OpenAccount.RunAsync(connection, Accounts.OfUser(user, "USD"), Cancelled);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfBank(user, "USD"), Cancelled);
        var opening = new NewTransfer("opening", "deposit", "USD", new Data.Ledger.Posting(account, 100), new Data.Ledger.Posting(bank, -100));
        await PostTransfers.AndCommitAsync(connection, [opening], Cancelled);
        return new(database, user, account);
    }

    /// <summary>A payment as Ingest.Api leaves it, whose record was lost: the relay publishes it at once.</summary>
    public async Task<long> AddAsync(string type, decimal amount = 10, bool isUnanswered = false, int attempts = 0)
    {
        await using var connection = await _database.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var insert = new NpgsqlCommand(
            "INSERT INTO payments (user_id, type, amount, currency, next_publish_at, is_unanswered, attempts) "
            + "VALUES ($1, $2, $3, 'USD', now(), $4, $5) RETURNING id",
            connection)
        {
            Parameters =
            {
                new() { Value = User }, new() { Value = type }, new() { Value = amount }, new() { Value = isUnanswered }, new() { Value = attempts },
            },
        };
        var id = (long)(await insert.ExecuteScalarAsync(Cancelled))!;
        if (type == PaymentType.Withdrawal)
            Assert.True(await PlaceHold.RunAsync(connection, SettlePayments.ReferenceOf(id), Accounts.OfUser(User, "USD"), amount, Cancelled));
        await transaction.CommitAsync(Cancelled);
        return id;
    }

    /// <summary>Status, the account's balance and the sum of its holds, and the number of the payment's transfers.</summary>
    public async Task<(string Status, string Account, long Transfers)> StateAsync(long id) => (
        await ScalarAsync<string>($"SELECT status FROM payments WHERE id = {id}"),
        await ScalarAsync<string>($"SELECT trim_scale(balance) || ' ' || trim_scale(held) FROM accounts WHERE id = {Account}"),
        await ScalarAsync<long>($"SELECT count(*) FROM transfers WHERE reference = 'payment:{id}'"));

    public async Task<T> ScalarAsync<T>(FormattableString sql)
    {
        await using var command = _database.CreateCommand(sql.ToString(CultureInfo.InvariantCulture));
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
