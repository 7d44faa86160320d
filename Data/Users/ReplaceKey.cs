using Npgsql;
using NpgsqlTypes;

namespace Data.Users;

/// <summary>
/// Replaces a user's API key, by compare and swap: of several at once that know the same key one replaces it, and the others change nothing. The old one is
/// invalid from then on; access tokens stay valid until they expire.
/// </summary>
public static class ReplaceKey
{
    // The new hash is there already when the same replacement is tried again because its connection broke.
    private const string Sql = "UPDATE users SET api_key_hash = $2 WHERE id = $1 AND api_key_hash IN ($3, $2) RETURNING email";

    /// <summary>Returns the user's e-mail address; null when the key is another one meanwhile, or there is no such user.</summary>
    /// <param name="database">The database.</param>
    /// <param name="userId">The user.</param>
    /// <param name="current">The hash of the key that is replaced.</param>
    /// <param name="replacement">The hash of a new <see cref="ApiKey"/>.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<string?> RunAsync(
        NpgsqlDataSource database, long userId, byte[] current, byte[] replacement, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = userId });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = replacement, NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = current, NpgsqlDbType = NpgsqlDbType.Bytea });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
