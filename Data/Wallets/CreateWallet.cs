using Data.Ledger;
using Npgsql;

namespace Data.Wallets;

/// <summary>Creates a customer's wallet and its account in the ledger.</summary>
public static class CreateWallet
{
    private const string Insert =
        "INSERT INTO wallets (id, customer_id, currency) VALUES ($1, $2, $3) ON CONFLICT (customer_id) DO NOTHING RETURNING created_at";

    /// <summary>Returns the wallet; null when the customer has one, and nothing has changed.</summary>
    /// <param name="connection">In a transaction, which the caller commits, so that nobody sees a wallet without an account.</param>
    /// <param name="id">A new UUID of version 7.</param>
    /// <param name="customerId">The customer.</param>
    /// <param name="currency">ISO 4217, upper case.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public static async Task<WalletReply?> RunAsync(
        NpgsqlConnection connection, Guid id, string customerId, string currency, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = id }, Parameter.Text(customerId), Parameter.Text(currency) },
        };
        if (await command.ExecuteScalarAsync(cancellationToken) is not DateTime createdAt) return null;
        await OpenAccount.RunAsync(connection, Accounts.OfWallet(customerId, currency), cancellationToken);
        return new(id, customerId, Contracts.ExactAmount.Of(0, currency), currency, IsActive: true, createdAt, UpdatedAt: null);
    }
}
