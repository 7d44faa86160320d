using Data;
using Data.Charges;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Work;

namespace Processor.Worker.Charges;

/// <summary>A Stripe request that this worker has claimed, as its row was before the claim.</summary>
/// <param name="Id">The row's id: the charge's or the refund's.</param>
/// <param name="Kind">One of <see cref="StripeRequestKind"/>.</param>
/// <param name="ChargeId">The charge.</param>
/// <param name="Order">What is asked for.</param>
/// <param name="Attempt">The number in the Idempotency-Key.</param>
/// <param name="StripeId">Stripe's object; null until Stripe has answered.</param>
/// <param name="Tries">How often Stripe was asked and gave no outcome.</param>
/// <param name="IsUnanswered">Whether it may have been sent and its answer is not recorded.</param>
/// <param name="AskedFor">How long ago this attempt was first sent; zero when it was not.</param>
/// <param name="TraceParent">The trace of the request that created it.</param>
/// <param name="Claim">The number of this claim: every write under it says <c>AND claim = $n</c>.</param>
/// <param name="ClaimedAt">A timestamp of the <see cref="TimeProvider"/> from before the claim.</param>
internal sealed record ClaimedStripeRequest(
    Guid Id, string Kind, Guid ChargeId, StripeOrder Order, int Attempt, string? StripeId, int Tries, bool IsUnanswered, TimeSpan AskedFor,
    string? TraceParent, long Claim, long ClaimedAt);

/// <summary>
/// Claims Stripe requests that are due and not answered, with a lease and the next claim number. The claim records that the request may have been sent, and
/// when first, before it is sent: a crash is followed by the same request with the same key.
/// </summary>
internal sealed class ClaimStripeRequests(NpgsqlDataSource database, TimeProvider clock)
{
    // coalesce: the rows are found by their ids, and the relay's partial index does not answer to this condition (as ClaimPayments).
    private const string Claim =
        """
        WITH due AS (
            SELECT id, is_unanswered FROM stripe_requests
            WHERE id = ANY ($1) AND coalesce(answered_at, 'infinity') = 'infinity' AND due_at <= now()
            ORDER BY id FOR UPDATE)
        UPDATE stripe_requests AS r
        SET is_unanswered = true, asked_at = coalesce(r.asked_at, now()), claim = r.claim + 1, due_at = now() + $2, next_publish_at = now() + $2
        FROM due WHERE r.id = due.id
        RETURNING r.id, r.kind, r.charge_id, r.body, r.attempt, r.stripe_id, r.tries, due.is_unanswered, now() - r.asked_at, r.traceparent, r.claim
        """;

    private const string Known = "SELECT id FROM stripe_requests WHERE id = ANY ($1)";

    /// <summary>Claims those that are due. The others are answered, claimed by another worker, not due yet, or unknown.</summary>
    public async Task<IReadOnlyList<ClaimedStripeRequest>> RunAsync(Guid[] ids, TimeSpan lease, CancellationToken cancellationToken)
    {
        var claimedAt = clock.GetTimestamp();
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Uuid));
        command.Parameters.Add(Parameter.Interval(lease));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<ClaimedStripeRequest>();
        while (await row.ReadAsync(cancellationToken))
        {
            claimed.Add(new(
                row.GetGuid(0), row.GetString(1), row.GetGuid(2), StripeOrder.Read(row.GetString(3)), row.GetInt32(4),
                row.TextOrNull(5), row.GetInt32(6), row.GetBoolean(7), row.GetTimeSpan(8), row.TextOrNull(9),
                row.GetInt64(10), claimedAt));
        }

        return claimed;
    }

    /// <summary>Which of these ids have a row.</summary>
    public Task<IReadOnlySet<Guid>> KnownAsync(Guid[] ids, CancellationToken cancellationToken) =>
        KnownRows.ReadAsync(database, Known, ids, NpgsqlDbType.Uuid, cancellationToken);
}
