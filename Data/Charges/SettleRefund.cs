using Contracts;
using Data.Ledger;
using Npgsql;

namespace Data.Charges;

/// <summary>
/// Settles a refund with Stripe's result, once: what was set aside goes back to the sources, or to the destinations that gave it. As
/// <see cref="SettleCharge"/>;
/// the charge's row is locked first, then the refund's.
/// </summary>
public static class SettleRefund
{
    private const string LockCharge =
        """
        SELECT c.id, c.customer_id, c.currency, c.status, c.wallet_amount, c.external_amount, c.external_charge_id
        FROM charges c WHERE c.id = (SELECT charge_id FROM refunds WHERE id = $1) FOR UPDATE
        """;

    private const string LockRefund = "SELECT amount, external_amount, status, parts FROM refunds WHERE id = $1 FOR UPDATE";

    private const string Settle =
        """
        UPDATE refunds SET status = $2, external_refund_id = coalesce($3, external_refund_id), failure_message = $4, settled_at = now() WHERE id = $1
        """;

    /// <summary>Settles it.</summary>
    /// <param name="connection">In a transaction, which the caller commits when the outcome is Settled or OutOfRange.</param>
    /// <param name="refundId">The refund, whose Stripe request has the same id.</param>
    /// <param name="result">Stripe's result.</param>
    /// <param name="claim">As for <see cref="SettleCharge.RunAsync"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<StripeSettlement> RunAsync(
        NpgsqlConnection connection, Guid refundId, StripeResult result, long? claim, CancellationToken cancellationToken)
    {
        if (await LockAsync(connection, refundId, cancellationToken) is not { } locked) return StripeSettlement.Unknown;
        var (plan, status, latest) = locked;
        if (status != RefundStatus.Pending) return status == result.Status ? StripeSettlement.AlreadySettled : StripeSettlement.Contradicts;
        if (claim is not null && claim != latest) return StripeSettlement.Superseded;

        var (charge, currency) = (plan.Charge, plan.Charge.Currency.Code);
        var (wallet, stripe) = (Accounts.OfWallet(charge.CustomerId, currency), Accounts.OfStripe(charge.Id, currency));
        var ledger = await LockAccounts.RunAsync(
            connection, [.. plan.Accounts, wallet, stripe], [ChargeLedger.RefundSettled(refundId), ChargeLedger.RefundReturned(refundId)], cancellationToken);
        var clearing = (Accounts.OfClearing(charge.Id, currency), -plan.Amount);
        var isPosted = result.IsSuccess
            ? ChargeLedger.Post(
                ledger, ChargeLedger.RefundSettled(refundId), "refund", $"Refund for charge {charge.Id}",
                [clearing, (wallet, plan.Wallet), (stripe, plan.External)])
            : ChargeLedger.Post(
                ledger, ChargeLedger.RefundReturned(refundId), "refund_returned", null,
                [clearing, .. ChargeLedger.Destinations(charge.Id, currency, plan.Amount, plan.Parts)]);
        if (!isPosted) throw new InvalidOperationException($"Refund {refundId}: a balance would be larger than the ledger can store.");
        await WriteAsync(connection, plan, result, ledger, cancellationToken);
        return StripeSettlement.Settled;
    }

    private static async Task<(RefundPlan Plan, string Status, long? Claim)?> LockAsync(
        NpgsqlConnection connection, Guid refundId, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(LockCharge) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = refundId } } });
        batch.BatchCommands.Add(new(LockRefund) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = refundId } } });
        batch.BatchCommands.Add(new(SettleCharge.LockRequest) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = refundId } } });
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var charge = new RefundableCharge(
            row.GetGuid(0), row.GetString(1), Currency.Find(row.GetString(2))!, row.GetString(3), row.GetDecimal(4), row.GetDecimal(5), Parts: null,
            row.TextOrNull(6));
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var plan = new RefundPlan(
            new(refundId, charge.Id, row.GetDecimal(0), null, null), charge, row.GetDecimal(0), row.GetDecimal(1),
            row.IsDBNull(3) ? null : ShareOut.Read(row.GetString(3)));
        var status = row.GetString(2);
        await row.NextResultAsync(cancellationToken);
        return (plan, status, await row.ReadAsync(cancellationToken) ? row.GetInt64(0) : null);
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, RefundPlan plan, StripeResult result, LockedLedger ledger, CancellationToken cancellationToken)
    {
        var id = new NpgsqlParameter<Guid> { TypedValue = plan.Refund.Id };
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Settle)
        {
            Parameters = { id, Parameter.Text(result.Status), Parameter.Text(result.StripeId), Parameter.Text(result.FailureMessage) },
        });
        batch.BatchCommands.Add(new(SettleCharge.Answer)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = plan.Refund.Id }, Parameter.Text(result.StripeId), Parameter.Text(result.FailureMessage),
            },
        });
        if (result.IsSuccess) InsertRefund.AddToCharge(batch, plan.Charge.Id, plan.Amount);
        WriteLedger.AddTo(batch, ledger);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
