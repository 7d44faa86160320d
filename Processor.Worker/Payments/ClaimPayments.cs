using Data;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>A payment that this worker has claimed, as its row was before the claim.</summary>
/// <param name="Id">The payment's id.</param>
/// <param name="Type">deposit or withdrawal.</param>
/// <param name="Amount">In the currency's unit.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Attempts">How often the bank was called and did not accept it.</param>
/// <param name="IsUnanswered">Whether the bank may have been called and its answer is not recorded.</param>
/// <param name="TraceParent">The trace of the request that created it.</param>
/// <param name="Claim">The number of this claim: every write under it says <c>AND claim = $n</c>.</param>
/// <param name="ClaimedAt">A timestamp of the <see cref="TimeProvider"/> from before the claim: the lease ends no earlier than this plus its length.</param>
internal sealed record ClaimedPayment(
    long Id, string Type, decimal Amount, string Currency, int Attempts, bool IsUnanswered, string? TraceParent, long Claim, long ClaimedAt);

/// <summary>
/// Claims payments: those that are due and not settled become processing, with a lease and the next claim number. The claim also sets is_unanswered, so the
/// row says that the bank may have been called before it is called: the next owner after a crash asks the bank first.
/// </summary>
internal sealed class ClaimPayments(NpgsqlDataSource database, TimeProvider clock)
{
    // status || '': the rows are found by their ids, and no index answers to this condition. Otherwise statistics taken while nothing is open make PostgreSQL
    // read the relay's partial index from end to end.
    private const string Claim =
        """
        WITH due AS (
            SELECT id, is_unanswered FROM payments
            WHERE id = ANY ($1) AND status || '' IN ('pending', 'processing') AND due_at <= now()
            ORDER BY id FOR UPDATE)
        UPDATE payments AS p
        SET status = 'processing', is_unanswered = true, claim = p.claim + 1, due_at = now() + $2, next_publish_at = now() + $2,
            updated_at = CASE WHEN p.status = 'pending' THEN now() ELSE p.updated_at END
        FROM due WHERE p.id = due.id
        RETURNING p.id, p.type, p.amount, p.currency, p.attempts, due.is_unanswered, p.traceparent, p.claim
        """;

    private const string Known = "SELECT id FROM payments WHERE id = ANY ($1)";

    /// <summary>Claims those of the payments that are due. The others are settled, claimed by another worker, not due yet, or unknown.</summary>
    public async Task<IReadOnlyList<ClaimedPayment>> RunAsync(long[] ids, TimeSpan lease, CancellationToken cancellationToken)
    {
        var claimedAt = clock.GetTimestamp();
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Bigint));
        command.Parameters.Add(Parameter.Interval(lease));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<ClaimedPayment>();
        while (await row.ReadAsync(cancellationToken))
        {
            claimed.Add(new(
                row.GetInt64(0), row.GetString(1), row.GetDecimal(2), row.GetString(3), row.GetInt32(4), row.GetBoolean(5),
                row.TextOrNull(6), row.GetInt64(7), claimedAt));
        }

        return claimed;
    }

    /// <summary>Which of these ids have a row.</summary>
    public Task<IReadOnlySet<long>> KnownAsync(long[] ids, CancellationToken cancellationToken) =>
        KnownRows.ReadAsync(database, Known, ids, NpgsqlDbType.Bigint, cancellationToken);
}
