using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Idempotency;

/// <summary>A request's key: who asks for what, its own name for it, and what exactly.</summary>
/// <param name="Scope">User, method and path.</param>
/// <param name="Key">The caller's Idempotency-Key.</param>
/// <param name="RequestHash">SHA-256 of the body.</param>
internal sealed record KeyClaim(string Scope, string Key, byte[] RequestHash);

/// <summary>What was answered before.</summary>
internal sealed record StoredReply(byte[] RequestHash, Reply Reply);

/// <summary>
/// The rows of <c>idempotency_keys</c>. A claim inserts the row without its answer, first thing in the business transaction: whoever comes with the
/// same key waits on it until that has ended. A row without an answer is therefore never seen by anybody else.
/// </summary>
internal static class KeyRows
{
    // An expired row is taken over as if it were not there. The wait is for this one statement: a hot account may keep the next one longer.
    private const string Claim =
        """
        INSERT INTO idempotency_keys AS k (scope, key, request_hash, expires_at) VALUES ($1, $2, $3, now() + $4)
        ON CONFLICT (scope, key) DO UPDATE
            SET request_hash = excluded.request_hash, status = 0, location = NULL, content_type = '', body = '', expires_at = excluded.expires_at
            WHERE k.expires_at <= now()
        RETURNING true
        """;

    private const string Wait = "SELECT set_config('lock_timeout', $1, true)";
    private const string Read = "SELECT request_hash, status, content_type, body, location FROM idempotency_keys WHERE scope = $1 AND key = $2";
    private const string Store = "UPDATE idempotency_keys SET status = $3, content_type = $4, body = $5, location = $6 WHERE scope = $1 AND key = $2";

    /// <summary>True when the key is this request's to answer; false when its answer is there already.</summary>
    /// <exception cref="PostgresException">55P03: another request holds it for longer than <paramref name="patience"/>.</exception>
    public static async Task<bool> ClaimAsync(
        NpgsqlConnection connection, KeyClaim claim, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Wait) { Parameters = { Text($"{patience.TotalMilliseconds:0}ms") } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Claim)
        {
            Parameters =
            {
                Text(claim.Scope), Text(claim.Key), Bytes(claim.RequestHash),
                new NpgsqlParameter<TimeSpan> { TypedValue = lifetime, NpgsqlDbType = NpgsqlDbType.Interval },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Wait) { Parameters = { Text("0") } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var isClaimed = await reader.ReadAsync(cancellationToken);
        while (await reader.NextResultAsync(cancellationToken))
        {
            // To the end: an error of a later statement is thrown here.
        }

        return isClaimed;
    }

    /// <summary>What was answered to the key; null when it has expired and gone since it was claimed in vain.</summary>
    public static async Task<StoredReply?> ReadAsync(NpgsqlConnection connection, KeyClaim claim, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection) { Parameters = { Text(claim.Scope), Text(claim.Key) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var reply = new Reply(row.GetInt32(1), row.GetString(2), row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : row.GetString(4)) { IsReplayed = true };
        return new(row.GetFieldValue<byte[]>(0), reply);
    }

    /// <summary>Writes the answer into the row that was claimed.</summary>
    public static async Task StoreAsync(NpgsqlConnection connection, KeyClaim claim, Reply reply, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Store, connection)
        {
            Parameters =
            {
                Text(claim.Scope), Text(claim.Key), new NpgsqlParameter<int> { TypedValue = reply.Status }, Text(reply.ContentType), Bytes(reply.Body),
                new NpgsqlParameter { Value = (object?)reply.Location ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<byte[]> Bytes(byte[] value) => new() { TypedValue = value };
}
