using Data;
using Npgsql;

namespace Processor.Worker.Installments;

/// <summary>An installment that this worker has claimed.</summary>
/// <param name="Id">The installment's id.</param>
/// <param name="OrderId">Its order.</param>
/// <param name="Claim">The number of this claim.</param>
internal sealed record ClaimedInstallment(Guid Id, Guid OrderId, long Claim);

/// <summary>
/// Claims installments that are due by the business clock and that no lease keeps. The lease is by the database's own clock: the test clock moves due dates
/// alone.
/// </summary>
internal sealed class ClaimInstallments(NpgsqlDataSource database)
{
    // The index holds the dates of what is to be charged, in this order, and nothing of what is done: however many rows there are, a look reads those that are
    // due.
    internal const string Claim =
        """
        UPDATE installments AS i
        SET claim = i.claim + 1, claimed_until = now() + $2
        FROM (
            SELECT id FROM installments
            WHERE next_attempt_at <= business_now() AND (claimed_until IS NULL OR claimed_until <= now())
            ORDER BY next_attempt_at LIMIT $1
            FOR UPDATE SKIP LOCKED) AS due
        WHERE i.id = due.id
        RETURNING i.id, i.order_id, i.claim
        """;

    /// <summary>Claims up to so many.</summary>
    public async Task<IReadOnlyList<ClaimedInstallment>> RunAsync(int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        command.Parameters.Add(Parameter.Interval(lease));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<ClaimedInstallment>();
        while (await row.ReadAsync(cancellationToken)) claimed.Add(new(row.GetGuid(0), row.GetGuid(1), row.GetInt64(2)));
        return claimed;
    }
}
