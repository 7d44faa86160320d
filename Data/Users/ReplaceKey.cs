using Npgsql;
using NpgsqlTypes;

namespace Data.Users;

/// <summary>Gives a user another API key. The old one opens nothing from then on; access tokens live to their end.</summary>
public static class ReplaceKey
{
    private const string Sql = "UPDATE users SET api_key_hash = $2 WHERE id = $1 RETURNING email";

    /// <summary>The user's e-mail address; null when there is no such user.</summary>
    /// <param name="database">The database.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="apiKeyHash">Of a new <see cref="ApiKey"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<string?> RunAsync(NpgsqlDataSource database, long userId, byte[] apiKeyHash, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = userId });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = apiKeyHash, NpgsqlDbType = NpgsqlDbType.Bytea });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
