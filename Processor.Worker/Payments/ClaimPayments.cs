using Data;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Payments;

/// <summary>A payment that this worker has taken up, as it was before.</summary>
/// <param name="Id">The payment's id.</param>
/// <param name="Type">deposit or withdrawal.</param>
/// <param name="Amount">In the currency's unit.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Attempts">How often the bank was tried and did not take it.</param>
/// <param name="IsUnanswered">Whether the bank may have been called and what it did is not known.</param>
/// <param name="TraceParent">The trace of the request that brought it.</param>
internal sealed record ClaimedPayment(long Id, string Type, decimal Amount, string Currency, int Attempts, bool IsUnanswered, string? TraceParent);

/// <summary>
/// Takes payments up: those that are due and not settled become processing, with a lease. That the bank will be called is recorded before it is:
/// is_unanswered says so to whoever finds the payment after a crash.
/// </summary>
internal static class ClaimPayments
{
    // status || '': by their ids. The relay's index holds what is not settled, and while its statistics say that this is nothing, it would be read from end to end.
    private const string Claim =
        """
        WITH due AS (
            SELECT id, is_unanswered FROM payments
            WHERE id = ANY ($1) AND status || '' IN ('pending', 'processing') AND due_at <= now()
            ORDER BY id FOR UPDATE)
        UPDATE payments AS p
        SET status = 'processing', is_unanswered = true, due_at = now() + $2, next_publish_at = now() + $2,
            updated_at = CASE WHEN p.status = 'pending' THEN now() ELSE p.updated_at END
        FROM due WHERE p.id = due.id
        RETURNING p.id, p.type, p.amount, p.currency, p.attempts, due.is_unanswered, p.traceparent
        """;

    private const string Known = "SELECT id FROM payments WHERE id = ANY ($1)";

    /// <summary>Those that were due; the others are settled, in somebody's hands, or not yet to be done.</summary>
    public static async Task<List<ClaimedPayment>> RunAsync(NpgsqlDataSource database, long[] ids, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Bigint));
        command.Parameters.Add(Parameter.Interval(lease));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<ClaimedPayment>();
        while (await row.ReadAsync(cancellationToken))
        {
            claimed.Add(new(
                row.GetInt64(0), row.GetString(1), row.GetDecimal(2), row.GetString(3), row.GetInt32(4), row.GetBoolean(5), row.IsDBNull(6) ? null : row.GetString(6)));
        }

        return claimed;
    }

    /// <summary>Which of these ids have a row.</summary>
    public static async Task<HashSet<long>> KnownAsync(NpgsqlDataSource database, long[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Known);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Bigint));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<long>();
        while (await row.ReadAsync(cancellationToken)) known.Add(row.GetInt64(0));
        return known;
    }
}
