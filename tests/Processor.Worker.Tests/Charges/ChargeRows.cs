using Contracts;
using Data.Charges;
using Data.Ledger;
using Data.Wallets;
using Npgsql;
using Processor.Worker.Charges;

namespace Processor.Worker.Tests.Charges;

/// <summary>Wallets, charges and refunds in a database, as Ingest.Api makes them.</summary>
internal sealed class ChargeRows(NpgsqlDataSource database, TimeProvider clock)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A customer whose wallet has that much.</summary>
    public Task AddWalletAsync(string customer, decimal balance, string currency = "USD") => InTransactionAsync(async connection =>
    {
        await CreateWallet.RunAsync(connection, Guid.CreateVersion7(), customer, currency, Cancelled);
        if (balance > 0) await CreditAsync(connection, customer, balance);
        return true;
    });

    public Task CreditAsync(string customer, decimal amount) => InTransactionAsync(connection => CreditAsync(connection, customer, amount));

    public Task<StartedCharge> ChargeAsync(
        string customer, decimal amount, string? card = "pm_card_visa", string currency = "USD", SplitPart[]? parts = null) => InTransactionAsync(
        connection => StartCharge.RunAsync(
            connection,
            new NewCharge(Guid.CreateVersion7(), customer, amount, Currency.Find(currency)!)
            {
                StripePaymentMethod = card,
                Parts = parts,
                RelayAfter = TimeSpan.Zero,
            },
            Cancelled));

    public Task<StripeSettlement> SettleAsync(Guid chargeId, StripeResult result, long? claim = null) =>
        InTransactionAsync(connection => SettleCharge.RunAsync(connection, chargeId, result, claim, Cancelled));

    /// <summary>Null for no such charge.</summary>
    public Task<StartedRefund?> RefundAsync(Guid chargeId, decimal? amount = null) => InTransactionAsync<StartedRefund?>(async connection =>
        await StartRefund.LockAsync(connection, chargeId, Cancelled) is { } charge
            ? await StartRefund.RunAsync(connection, charge, new(Guid.CreateVersion7(), chargeId, amount, null, null), Cancelled)
            : null);

    public Task<StripeSettlement> SettleRefundAsync(Guid refundId, StripeResult result) =>
        InTransactionAsync(connection => SettleRefund.RunAsync(connection, refundId, result, claim: null, Cancelled));

    /// <summary>Claims a Stripe request; the lease of an earlier claim has ended.</summary>
    public async Task<ClaimedStripeRequest> ClaimAsync(Guid id)
    {
        await using (var ended = database.CreateCommand($"UPDATE stripe_requests SET due_at = now() WHERE id = '{id}'")) await ended.ExecuteNonQueryAsync(
            Cancelled);
        return Assert.Single(await new ClaimStripeRequests(database, clock).RunAsync([id], TimeSpan.FromSeconds(30), Cancelled));
    }

    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>What the wallet has, in the fewest digits.</summary>
    public Task<string> WalletAsync(string customer) =>
        ReadAsync<string>($"SELECT trim_scale(balance)::text FROM accounts WHERE owner = 'wallet:{customer}'");

    /// <summary>Every difference between charges, refunds and the ledger.</summary>
    public async Task<IReadOnlyList<LedgerDifference>> DifferencesAsync()
    {
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        return (await new LedgerCheck([.. LedgerRules.All, .. ChargeLedgerRules.All]).RunAsync(connection, new(), Cancelled)).Differences;
    }

    private static async Task<bool> CreditAsync(NpgsqlConnection connection, string customer, decimal amount)
    {
        var wallet = await CreditWallet.FindAsync(connection, customer, Cancelled);
        return (await CreditWallet.RunAsync(connection, Guid.CreateVersion7(), wallet!, amount, "Wallet credit", Cancelled)).Wallet is not null;
    }

    private async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work)
    {
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var result = await work(connection);
        await transaction.CommitAsync(Cancelled);
        return result;
    }
}
