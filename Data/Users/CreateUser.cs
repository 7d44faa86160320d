using Data.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace Data.Users;

/// <summary>Creates a user and their account in the ledger.</summary>
public static class CreateUser
{
    private const string Sql =
        """
        INSERT INTO users (email, currency, api_key_hash, is_admin) VALUES ($1, $2, $3, $4)
        ON CONFLICT (email) DO NOTHING
        RETURNING id, email, currency, api_key_hash, is_admin, created_at
        """;

    /// <summary>Returns the user; null when the e-mail address is taken, and nothing has changed.</summary>
    /// <param name="connection">In a transaction, which the caller commits, so that nobody sees a user without an account.</param>
    /// <param name="email">A result of <see cref="EmailAddress.NormalizedAsync"/>.</param>
    /// <param name="currency">The currency of the account: ISO 4217, upper case.</param>
    /// <param name="isAdmin">Whether the user sees the data of all users.</param>
    /// <param name="apiKeyHash">The hash of a new <see cref="ApiKey"/>.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public static async Task<User?> RunAsync(
        NpgsqlConnection connection, string email, string currency, bool isAdmin, byte[] apiKeyHash, CancellationToken cancellationToken)
    {
        if (await InsertAsync(connection, email, currency, isAdmin, apiKeyHash, cancellationToken) is not { } user) return null;
        await OpenAccount.RunAsync(connection, Accounts.OfUser(user.Id, currency), cancellationToken);
        return user;
    }

    private static async Task<User?> InsertAsync(
        NpgsqlConnection connection, string email, string currency, bool isAdmin, byte[] apiKeyHash, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = email, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = currency, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = apiKeyHash, NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = isAdmin });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? FindUser.Read(row) : null;
    }
}
