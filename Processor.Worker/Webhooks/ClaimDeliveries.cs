using Data;
using Data.Webhooks;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Work;

namespace Processor.Worker.Webhooks;

/// <summary>A delivery that this worker has claimed, with its endpoint and event as they were at that moment.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="Claim">The number of this claim: what is recorded under it says <c>AND claim = $n</c>.</param>
/// <param name="Tries">How many attempts of its present schedule have failed.</param>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Event">The event, with its data.</param>
/// <param name="ClaimedAt">A timestamp of the <see cref="TimeProvider"/> from before the claim.</param>
internal sealed record ClaimedDelivery(Guid Id, long Claim, int Tries, ClaimedEndpoint Endpoint, WebhookEvent Event, long ClaimedAt);

/// <summary>Where to, and how.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="Url">Its URL.</param>
/// <param name="PayloadStyle">One of <see cref="Data.Webhooks.PayloadStyle"/>.</param>
/// <param name="Secret">Encrypted.</param>
/// <param name="PreviousSecret">Encrypted; null when it does not sign any more.</param>
/// <param name="IsFailing">Whether the last thing that is known of it is a failure.</param>
/// <param name="IsToBeDisabled">Whether there was nothing but failures for so long that the next one disables it.</param>
internal sealed record ClaimedEndpoint(
    Guid Id, string Url, string PayloadStyle, string Secret, string? PreviousSecret, bool IsFailing, bool IsToBeDisabled);

/// <summary>Claims an endpoint's deliveries that are due, with a lease and the next claim number; none of an endpoint that is disabled or deleted.</summary>
internal sealed class ClaimDeliveries(NpgsqlDataSource database, TimeProvider clock)
{
    // A claim that a crash of PostgreSQL loses is made again; what was sent under it meanwhile is sent again, as after a crash of the worker. The commit of its
    // outcome, which waits for the disk, takes it along.
    private const string Begin = "SET LOCAL synchronous_commit = off";

    private const string Claim =
        """
        WITH endpoint AS (
            SELECT id, url, payload_style, secret, CASE WHEN previous_secret_until > now() THEN previous_secret END AS previous_secret,
                failing_since IS NOT NULL AS is_failing, coalesce(failing_since + $4 < now(), false) AS is_to_be_disabled
            FROM webhook_endpoints WHERE id = $1 AND disabled_at IS NULL AND deleted_at IS NULL),
        due AS (
            SELECT d.id FROM webhook_deliveries d
            WHERE d.endpoint_id = (SELECT id FROM endpoint) AND d.status = 'pending' AND d.next_attempt_at <= now()
                AND coalesce(d.claimed_until <= now(), true)
            ORDER BY d.next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED),
        claimed AS (
            UPDATE webhook_deliveries AS d SET claimed_until = now() + $3, claim = d.claim + 1
            FROM due WHERE d.id = due.id
            RETURNING d.id, d.event_id, d.claim, d.tries)
        SELECT c.id, c.claim, c.tries, p.id, p.url, p.payload_style, p.secret, p.previous_secret, p.is_failing, p.is_to_be_disabled,
            e.id, e.type, e.resource_id, e.sequence, e.data, e.created_at, e.traceparent
        FROM claimed c JOIN webhook_events e ON e.id = c.event_id CROSS JOIN endpoint p
        ORDER BY e.position
        """;

    private const string GiveBack =
        """
        UPDATE webhook_deliveries AS d SET claimed_until = NULL
        FROM unnest($1, $2) AS c (id, claim) WHERE d.id = c.id AND d.claim = c.claim AND d.status = 'pending'
        """;

    private const string Known = "SELECT id FROM webhook_endpoints WHERE id = ANY ($1)";

    /// <summary>Claims up to so many, the longest due first.</summary>
    public async Task<IReadOnlyList<ClaimedDelivery>> RunAsync(
        Guid endpointId, int count, TimeSpan lease, TimeSpan disableAfter, CancellationToken cancellationToken)
    {
        var claimedAt = clock.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var claimed = new List<ClaimedDelivery>();
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.BatchCommands.Add(new(Begin));
            batch.BatchCommands.Add(new(Claim)
            {
                Parameters =
                {
                    new NpgsqlParameter<Guid> { TypedValue = endpointId }, new NpgsqlParameter<int> { TypedValue = count }, Parameter.Interval(lease),
                    Parameter.Interval(disableAfter),
                },
            });
            await using var row = await batch.ExecuteReaderAsync(cancellationToken);
            ClaimedEndpoint? endpoint = null;
            while (await row.ReadAsync(cancellationToken))
                claimed.Add(new(row.GetGuid(0), row.GetInt64(1), row.GetInt32(2), endpoint ??= ReadEndpoint(row), ReadEvent(row), claimedAt));
        }

        if (claimed.Count > 0) await transaction.CommitAsync(cancellationToken);
        return claimed;
    }

    /// <summary>Makes deliveries that were claimed and not sent due again.</summary>
    public async Task GiveBackAsync(IReadOnlyCollection<ClaimedDelivery> deliveries, CancellationToken cancellationToken)
    {
        if (deliveries.Count == 0) return;
        await using var command = database.CreateCommand(GiveBack);
        command.Parameters.Add(Parameter.Array([.. deliveries.Select(delivery => delivery.Id)], NpgsqlDbType.Uuid));
        command.Parameters.Add(Parameter.Array([.. deliveries.Select(delivery => delivery.Claim)], NpgsqlDbType.Bigint));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Which of these endpoints have a row.</summary>
    public Task<IReadOnlySet<Guid>> KnownAsync(Guid[] ids, CancellationToken cancellationToken) =>
        KnownRows.ReadAsync(database, Known, ids, NpgsqlDbType.Uuid, cancellationToken);

    private static ClaimedEndpoint ReadEndpoint(NpgsqlDataReader row) => new(
        row.GetGuid(3), row.GetString(4), row.GetString(5), row.GetString(6), row.TextOrNull(7), row.GetBoolean(8), row.GetBoolean(9));

    private static WebhookEvent ReadEvent(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(10),
        Type = row.GetString(11),
        ResourceId = row.GetString(12),
        Sequence = row.GetInt64(13),
        Data = row.GetString(14),
        CreatedAt = row.GetDateTime(15),
        TraceParent = row.TextOrNull(16),
    };
}
