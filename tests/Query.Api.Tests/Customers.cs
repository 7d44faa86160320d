using Data.Ledger;
using Npgsql;

namespace Query.Api.Tests;

/// <summary>A customer with a wallet.</summary>
internal sealed record Customer(string Id, Guid WalletId, string Currency, long Account, long Bank);

/// <summary>Puts wallets, charges, refunds and installment orders there as Ingest.Api and the worker would.</summary>
internal sealed class Customers(string connectionString)
{
    private DateTimeOffset _last = TimeProvider.System.GetUtcNow();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A customer's id that no other test uses.</summary>
    public static string NewId() => $"cust_{Guid.NewGuid():N}";

    public async Task<Customer> AddWalletAsync(string currency = "USD", string? id = null)
    {
        var customer = id ?? NewId();
        var wallet = NextId();
        await ExecuteAsync("INSERT INTO wallets (id, customer_id, currency) VALUES ($1, $2, $3)", wallet, customer, currency);
        await using var connection = await ConnectAsync();
        return new(
            customer, wallet, currency, await OpenAccount.RunAsync(connection, Accounts.OfWallet(customer, currency), Cancelled),
            await OpenAccount.RunAsync(connection, Accounts.OfFunding(wallet, currency), Cancelled));
    }

    /// <summary>Moves money into the wallet, or out of it when the amount is negative.</summary>
    public async Task MoveAsync(Customer customer, decimal amount, string? reference = null, string? description = "Wallet credit")
    {
        await using var connection = await ConnectAsync();
        var transfer = new NewTransfer(
            reference ?? $"credit:{Guid.NewGuid()}", "wallet_credit", customer.Currency,
            new Posting(customer.Account, amount), new Posting(customer.Bank, -amount))
        { Description = description };
        Assert.Equal(PostOutcome.Posted, Assert.Single(await PostTransfers.AndCommitAsync(connection, [transfer], Cancelled)));
    }

    public async Task<Guid> AddChargeAsync(
        string customer, string status = "succeeded", decimal amount = 130, string currency = "USD", Guid? order = null, string? split = null)
    {
        var id = NextId();
        await ExecuteAsync(
            """
            INSERT INTO charges (id, customer_id, amount, currency, status, payment_method, wallet_amount, external_amount, external_charge_id, failure_code,
                failure_message, split_instructions, metadata, installment_order_id, created_at, updated_at, settled_at)
            VALUES ($1, $2, $3, $4, $5, 'mixed', $3 - 30, 30, 'pi_1', CASE WHEN $5 = 'failed' THEN 'card_declined' END,
                CASE WHEN $5 = 'failed' THEN 'Your card was declined.' END, $6::json, '{"a":1.50,"note":"é"}', $7, timestamptz '2026-01-15T10:30:00.125Z', NULL,
                CASE WHEN $5 <> 'pending' THEN now() END)
            """,
            id, customer, amount, currency, status, split, order);
        return id;
    }

    public async Task<Guid> AddRefundAsync(Guid charge, decimal amount, string status = "succeeded")
    {
        var id = NextId();
        await ExecuteAsync(
            """
            INSERT INTO refunds (id, charge_id, amount, wallet_amount, external_amount, status, reason, created_at, settled_at)
            VALUES ($1, $2, $3, $3 - 1, 1, $4, 'requested_by_customer', timestamptz '2026-01-15T10:35:00Z', CASE WHEN $4 <> 'pending' THEN now() END)
            """,
            id, charge, amount, status);
        return id;
    }

    /// <summary>An order, with an installment for each of the amounts. Without a time of the next attempt none of them is to be charged.</summary>
    public async Task<Guid> AddOrderAsync(
        string customer, decimal[] amounts, string status = "active", string currency = "USD", DateTimeOffset? nextAttemptAt = null)
    {
        var id = NextId();
        await ExecuteAsync(
            """
            INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'Europe/Berlin', timestamptz '2026-01-15T10:30:00Z')
            """,
            id, customer, amounts.Sum(), currency, amounts.Length, amounts.Min(), status);
        for (var number = amounts.Length; number >= 1; number--) // The last one first: nothing may depend on the order of insertion.
        {
            await ExecuteAsync(
                """
                INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at, created_at)
                VALUES ($1, $2, $3, $4, '2026-02-15', timestamptz '2026-02-14T23:00:00Z', 'pending', $5, timestamptz '2026-01-15T10:30:00Z')
                """,
                NextId(), id, number, amounts[number - 1], nextAttemptAt?.AddMinutes(number).UtcDateTime);
        }

        return id;
    }

    public async Task ExecuteAsync(string sql, params object?[] values)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.AddWithValue(value ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    // A millisecond after the one before: of two ids of the same millisecond either may be the newer one.
    private Guid NextId() => Guid.CreateVersion7(_last = _last.AddMilliseconds(1));

    // From Npgsql's own pool of this connection string: a hundred tests each open several.
    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancelled);
        return connection;
    }
}
