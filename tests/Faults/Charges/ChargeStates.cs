using Faults.Running;
using Npgsql;

namespace Faults.Charges;

/// <summary>In which states charges, refunds and installments were, when a fault began.</summary>
/// <param name="NotClaimed">Card parts that no worker had seen.</param>
/// <param name="Asked">That a worker had claimed and Stripe was being asked for, for the first time.</param>
/// <param name="AskedAgain">That were asked for again, or waited for that.</param>
/// <param name="Processing">That Stripe had called processing, or a refund pending.</param>
/// <param name="Due">Installments that were due, claimed or not.</param>
/// <param name="BeingPaid">Installments whose charge was pending.</param>
internal sealed record ChargeStates(long NotClaimed, long Asked, long AskedAgain, long Processing, long Due, long BeingPaid)
{
    private const string Read =
        """
        SELECT count(*) FILTER (WHERE claim = 0), count(*) FILTER (WHERE claim = 1 AND tries = 0 AND stripe_id IS NULL),
            count(*) FILTER (WHERE claim > 0 AND (claim > 1 OR tries > 0) AND stripe_id IS NULL), count(*) FILTER (WHERE stripe_id IS NOT NULL),
            (SELECT count(*) FROM installments WHERE next_attempt_at <= business_now()), (SELECT count(*) FROM installments WHERE status = 'processing')
        FROM stripe_requests WHERE answered_at IS NULL
        """;

    public static readonly ChargeStates None = new(0, 0, 0, 0, 0, 0);

    /// <summary>As they are now; none where the database does not say.</summary>
    public static async Task<ChargeStates> ReadAsync(RunningSystem system, CancellationToken stop)
    {
        try
        {
            await using var command = system.Database.CreateCommand(Read);
            await using var row = await command.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5));
        }
        catch (NpgsqlException)
        {
            return None;
        }
    }

    public static ChargeStates operator +(ChargeStates a, ChargeStates b) => new(
        a.NotClaimed + b.NotClaimed, a.Asked + b.Asked, a.AskedAgain + b.AskedAgain, a.Processing + b.Processing, a.Due + b.Due, a.BeingPaid + b.BeingPaid);

    public override string ToString() =>
        $"{NotClaimed} not claimed, {Asked} being asked for the first time, {AskedAgain} again, {Processing} processing at Stripe, "
        + $"{Due} installments due, {BeingPaid} with a pending charge";
}
