using Data.Ledger;
using Npgsql;

namespace Data.Wallets;

/// <summary>What became of a credit.</summary>
/// <param name="Wallet">The wallet with its new balance; null when the customer has none, or the balance would be too large.</param>
/// <param name="IsTooLarge">The balance would be larger than <see cref="Money.MaxBalance"/>; nothing has changed.</param>
public sealed record CreditedWallet(WalletReply? Wallet, bool IsTooLarge = false);

/// <summary>Credits a wallet: a transfer from the world outside, where its operator has received the money.</summary>
public static class CreditWallet
{
    private const string Find = $"{WalletReply.Select}\nWHERE w.customer_id = $1";

    /// <summary>The customer's wallet as it is now; null when there is none.</summary>
    public static async Task<WalletReply?> FindAsync(NpgsqlConnection connection, string customerId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Find, connection) { Parameters = { Parameter.Text(customerId) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? WalletReply.Read(row) : null;
    }

    /// <summary>Credits it. Three round trips.</summary>
    /// <param name="connection">In a transaction, which the caller commits.</param>
    /// <param name="id">A new UUID: the credit's own, in its transfer's reference.</param>
    /// <param name="wallet">The wallet.</param>
    /// <param name="amount">Greater than 0.</param>
    /// <param name="description">What the statement says of it.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public static async Task<CreditedWallet> RunAsync(
        NpgsqlConnection connection, Guid id, WalletReply wallet, decimal amount, string description, CancellationToken cancellationToken)
    {
        var (account, funding) = (Accounts.OfWallet(wallet.CustomerId, wallet.Currency), Accounts.OfFunding(wallet.Id, wallet.Currency));
        var reference = $"credit:{id}";
        var ledger = await LockAccounts.RunAsync(connection, [account, funding], [reference], cancellationToken);
        if (ledger.BalanceOf(account) + amount > Money.MaxBalance) return new(null, IsTooLarge: true);
        ledger.Post(reference, "wallet_credit", description, [(funding, -amount), (account, amount)]);
        await using (var batch = new NpgsqlBatch(connection))
        {
            WriteLedger.AddTo(batch, ledger);
            await batch.PrepareAsync(cancellationToken);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        return new(await FindAsync(connection, wallet.CustomerId, cancellationToken));
    }
}
