using Data;
using Npgsql;

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
    // DO NOTHING waits for whoever has the key in hand, and locks nothing once that has ended: those who waited all read the answer side by side.
    private const string Insert =
        "INSERT INTO idempotency_keys (scope, key, request_hash, expires_at) VALUES ($1, $2, $3, now() + $4) ON CONFLICT (scope, key) DO NOTHING RETURNING true";

    private const string Read =
        "SELECT request_hash, status, content_type, body, location FROM idempotency_keys WHERE scope = $1 AND key = $2 AND expires_at > now()";

    // Its waiting for others is for the claim alone: a hot account may keep a later statement longer.
    private const string Wait = "SELECT set_config('lock_timeout', $1, true)";

    private const string TakeOver =
        """
        UPDATE idempotency_keys SET request_hash = $3, status = 0, location = NULL, content_type = '', body = '', expires_at = now() + $4
        WHERE scope = $1 AND key = $2 AND expires_at <= now()
        """;

    private const string Store = "UPDATE idempotency_keys SET status = $3, content_type = $4, body = $5, location = $6 WHERE scope = $1 AND key = $2";

    /// <summary>Null when the key is this request's to answer, else what was answered before.</summary>
    /// <exception cref="PostgresException">55P03: another request holds the key for longer than <paramref name="patience"/>.</exception>
    public static async Task<StoredReply?> ClaimAsync(
        NpgsqlConnection connection, KeyClaim claim, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (isClaimed, stored) = await InsertOrReadAsync(connection, claim, lifetime, patience, cancellationToken);
            if (isClaimed || stored is not null) return stored;

            // There is one, and it has expired: it is taken over as if it were not there. Should another have done so a moment ago, look again.
            await using var command = new NpgsqlCommand(TakeOver, connection) { Parameters = { Parameter.Text(claim.Scope), Parameter.Text(claim.Key), Bytes(claim.RequestHash), Parameter.Interval(lifetime) } };
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 1) return null;
        }
    }

    private static async Task<(bool IsClaimed, StoredReply? Stored)> InsertOrReadAsync(
        NpgsqlConnection connection, KeyClaim claim, TimeSpan lifetime, TimeSpan patience, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Wait) { Parameters = { Parameter.Text($"{patience.TotalMilliseconds:0}ms") } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert) { Parameters = { Parameter.Text(claim.Scope), Parameter.Text(claim.Key), Bytes(claim.RequestHash), Parameter.Interval(lifetime) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Wait) { Parameters = { Parameter.Text("0") } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Read) { Parameters = { Parameter.Text(claim.Scope), Parameter.Text(claim.Key) } });
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        await row.NextResultAsync(cancellationToken);
        if (await row.ReadAsync(cancellationToken)) return (true, null);
        await row.NextResultAsync(cancellationToken);
        await row.NextResultAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return (false, null);
        var reply = new Reply(row.GetInt32(1), row.GetString(2), row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : row.GetString(4)) { IsReplayed = true };
        return (false, new(row.GetFieldValue<byte[]>(0), reply));
    }

    /// <summary>Writes the answer into the row that was claimed, and commits all that the transaction did. One round trip.</summary>
    public static async Task StoreAndCommitAsync(NpgsqlConnection connection, KeyClaim claim, Reply reply, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Store)
                {
                    Parameters =
                    {
                        Parameter.Text(claim.Scope), Parameter.Text(claim.Key), new NpgsqlParameter<int> { TypedValue = reply.Status }, Parameter.Text(reply.ContentType),
                        Bytes(reply.Body), Parameter.Text(reply.Location),
                    },
                },
                new("COMMIT"),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<byte[]> Bytes(byte[] value) => new() { TypedValue = value };
}
