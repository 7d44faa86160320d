using Data;
using Npgsql;

namespace Ingest.Api.Idempotency;

/// <summary>A request's key.</summary>
/// <param name="Scope">Caller, method and route: <c>user:1 POST /api/v1/deposits</c>.</param>
/// <param name="Key">The caller's Idempotency-Key.</param>
/// <param name="PathScope">
/// The same with the path as it was written, which earlier versions stored. Where it differs, an answer that such a version stored is found under it, so that a
/// repeat across the upgrade makes no second payment.
/// </param>
internal sealed record RequestKey(string Scope, string Key, string PathScope);

/// <summary>A key with what is asked for under it.</summary>
/// <param name="Key">The key.</param>
/// <param name="RequestHash">The body's fingerprint, 32 bytes.</param>
internal sealed record Claim(RequestKey Key, byte[] RequestHash);

/// <summary>What was answered before.</summary>
internal sealed record StoredReply(byte[] RequestHash, Reply Reply);

/// <summary>
/// The rows of <c>idempotency_keys</c>. A claim inserts the row without its answer; a request with the same key waits on that row until the transaction has
/// ended. A row without an answer is therefore never seen by another transaction.
/// </summary>
internal static class StoredReplies
{
    // ON CONFLICT DO NOTHING blocks until the other transaction ends and takes no lock after: all that waited read the answer side by side. The time limit is
    // for this wait alone: a later statement may wait longer for a busy account.
    private const string Insert =
        """
        INSERT INTO idempotency_keys (scope, key, request_hash, expires_at) VALUES ($1, $2, $3, now() + $4)
        ON CONFLICT (scope, key) DO NOTHING RETURNING set_config('lock_timeout', '0', true)
        """;

    private const string Read =
        "SELECT request_hash, status, content_type, body, location FROM idempotency_keys WHERE scope = $1 AND key = $2 AND expires_at > now()";

    private const string LockTimeout = "SELECT set_config('lock_timeout', $1, true)";

    private const string TakeOver =
        """
        UPDATE idempotency_keys SET request_hash = $3, status = 0, location = NULL, content_type = '', body = '', expires_at = now() + $4
        WHERE scope = $1 AND key = $2 AND expires_at <= now() RETURNING set_config('lock_timeout', '0', true)
        """;

    private const string Store = "UPDATE idempotency_keys SET status = $3, content_type = $4, body = $5, location = $6 WHERE scope = $1 AND key = $2";

    /// <summary>Null when the key is this request's to answer, else what was answered before.</summary>
    /// <exception cref="PostgresException">55P03: another request holds the key for longer than <paramref name="patience"/>.</exception>
    public static async Task<StoredReply?> ClaimAsync(
        NpgsqlConnection connection, Claim claim, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        var key = claim.Key;
        if (key.PathScope != key.Scope && await ReadAsync(connection, key with { Scope = key.PathScope }, cancellationToken) is { } earlier) return earlier;
        while (true)
        {
            if (await InsertAsync(connection, claim, lifetime, patience, cancellationToken)) return null;
            if (await ReadAsync(connection, key, cancellationToken) is { } stored) return stored;

            // The row has expired and is taken over as if it were not there. When another request has done so in between, look again.
            await using var command = new NpgsqlCommand(TakeOver, connection);
            AddTo(command.Parameters, claim, lifetime);
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 1) return null;
        }
    }

    /// <summary>Writes the answer into the claimed row, if a key was claimed, and commits all that the transaction did. One round trip.</summary>
    public static async Task StoreAndCommitAsync(NpgsqlConnection connection, Claim? claim, Reply reply, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (claim is not null) batch.BatchCommands.Add(ToStore(claim, reply));
        batch.BatchCommands.Add(new("COMMIT"));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes another answer into a row whose first answer is committed.</summary>
    public static async Task ReplaceAsync(NpgsqlDataSource database, Claim claim, Reply reply, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(ToStore(claim, reply));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand ToStore(Claim claim, Reply reply) => new(Store)
    {
        Parameters =
        {
            Parameter.Text(claim.Key.Scope), Parameter.Text(claim.Key.Key), new NpgsqlParameter<int> { TypedValue = reply.Status },
            Parameter.Text(reply.ContentType), Bytes(reply.Body), Parameter.Text(reply.Location),
        },
    };

    /// <summary>Whether the key was free.</summary>
    private static async Task<bool> InsertAsync(
        NpgsqlConnection connection, Claim claim, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = connection.CommandTimeout + (int)Math.Ceiling(patience.TotalSeconds) };
        var insert = new NpgsqlBatchCommand(Insert);
        AddTo(insert.Parameters, claim, lifetime);
        batch.BatchCommands.Add(new(LockTimeout) { Parameters = { Parameter.Text($"{patience.TotalMilliseconds:0}ms") } });
        batch.BatchCommands.Add(insert);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await row.NextResultAsync(cancellationToken) && await row.ReadAsync(cancellationToken);
    }

    private static async Task<StoredReply?> ReadAsync(NpgsqlConnection connection, RequestKey key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection) { Parameters = { Parameter.Text(key.Scope), Parameter.Text(key.Key) } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var reply = new Reply(row.GetInt32(1), row.GetString(2), row.GetFieldValue<byte[]>(3), row.TextOrNull(4)) { IsReplayed = true };
        return new(row.GetFieldValue<byte[]>(0), reply);
    }

    private static void AddTo(NpgsqlParameterCollection parameters, Claim claim, TimeSpan lifetime)
    {
        parameters.Add(Parameter.Text(claim.Key.Scope));
        parameters.Add(Parameter.Text(claim.Key.Key));
        parameters.Add(Bytes(claim.RequestHash));
        parameters.Add(Parameter.Interval(lifetime));
    }

    private static NpgsqlParameter<byte[]> Bytes(byte[] value) => new() { TypedValue = value };
}
