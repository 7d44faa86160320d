using Npgsql;
using NpgsqlTypes;

namespace Data.Users;

/// <summary>Replaces a user's API key. The old one is invalid from then on; access tokens stay valid until they expire.</summary>
public static class ReplaceKey
{
    private const string Sql = "UPDATE users SET api_key_hash = $2 WHERE id = $1 RETURNING email";

    /// <summary>Returns the user's e-mail address; null when there is no such user.</summary>
    /// <param name="database">The database.</param>
    /// <param name="userId">The user.</param>
    /// <param name="apiKeyHash">The hash of a new <see cref="ApiKey"/>.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<string?> RunAsync(NpgsqlDataSource database, long userId, byte[] apiKeyHash, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = userId });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = apiKeyHash, NpgsqlDbType = NpgsqlDbType.Bytea });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
