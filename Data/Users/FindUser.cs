using Npgsql;
using NpgsqlTypes;

namespace Data.Users;

/// <summary>Finds users. Every lookup is one row by a unique index, and only reads.</summary>
public static class FindUser
{
    private const string ByKey = "SELECT id, is_admin FROM users WHERE api_key_hash = $1";
    private const string KeyHash = "SELECT api_key_hash FROM users WHERE id = $1";
    private const string ByMail = "SELECT id, email, currency, api_key_hash, is_admin, created_at FROM users WHERE email = $1";

    /// <summary>Finds the user of an API key; null when there is none.</summary>
    /// <param name="database">The database; sessions that cannot write suffice.</param>
    /// <param name="apiKey">Any text.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<(long UserId, bool IsAdmin)?> ByApiKeyAsync(NpgsqlDataSource database, string apiKey, CancellationToken cancellationToken)
    {
        if (!ApiKey.IsWellFormed(apiKey)) return null;
        await using var command = database.CreateCommand(ByKey);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = ApiKey.HashOf(apiKey), NpgsqlDbType = NpgsqlDbType.Bytea });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), row.GetBoolean(1)) : null;
    }

    /// <summary>Finds the user with an e-mail address; null when there is none.</summary>
    /// <param name="database">The database; sessions that cannot write suffice.</param>
    /// <param name="email">A result of <see cref="EmailAddress.NormalizedAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<User?> ByEmailAsync(NpgsqlDataSource database, string email, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ByMail);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = email, NpgsqlDbType = NpgsqlDbType.Text });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    /// <summary>The hash of a user's API key; null when there is no such user.</summary>
    /// <param name="database">The database; sessions that cannot write suffice.</param>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<byte[]?> KeyHashAsync(NpgsqlDataSource database, long userId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(KeyHash);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = userId });
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Reads the current row of a statement that selects all columns in the order of <see cref="User"/>.</summary>
    internal static User Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Email = row.GetString(1),
        Currency = row.GetString(2),
        ApiKeyHash = row.GetFieldValue<byte[]>(3),
        IsAdmin = row.GetBoolean(4),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(5),
    };
}
