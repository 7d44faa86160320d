using Contracts;
using Data.Ledger;
using Npgsql;

namespace Data.Charges;

/// <summary>A refund to be made.</summary>
/// <param name="Id">A new UUID of version 7.</param>
/// <param name="ChargeId">The charge.</param>
/// <param name="Amount">Reads the amount in the charge's currency; null for all that is left.</param>
/// <param name="Reason">The caller's reason; null without one.</param>
/// <param name="TraceParent">The W3C trace context that it belongs to; null for none.</param>
public sealed record NewRefund(Guid Id, Guid ChargeId, decimal? Amount, string? Reason, string? TraceParent);

/// <summary>Why a refund is refused.</summary>
public enum RefundRefusal
{
    /// <summary>The charge is not paid.</summary>
    NotPaid,

    /// <summary>Less is left of the charge.</summary>
    TooMuch,

    /// <summary>The card's part of it is no amount that Stripe takes: <see cref="StripeAmount"/>.</summary>
    NotChargeable,

    /// <summary>A destination of the split does not have the money any more.</summary>
    NotCovered,
}

/// <summary>What became of a refund that was asked for: one of the two is not null.</summary>
/// <param name="Refund">Its row. What is pending has a Stripe request with the same id.</param>
/// <param name="Refusal">Why there is none.</param>
/// <param name="Left">What is left of the charge to refund.</param>
public sealed record StartedRefund(Refund? Refund, RefundRefusal? Refusal, decimal Left);

/// <summary>A charge as a refund needs it, locked.</summary>
/// <param name="Id">The charge.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Status">One of <see cref="ChargeStatus"/>.</param>
/// <param name="WalletAmount">The wallet's part.</param>
/// <param name="ExternalAmount">The card's part.</param>
/// <param name="Parts">The split; null for none.</param>
/// <param name="PaymentIntent">Stripe's; null without a card part.</param>
public sealed record RefundableCharge(
    Guid Id, string CustomerId, Currency Currency, string Status, decimal WalletAmount, decimal ExternalAmount, SplitPart[]? Parts, string? PaymentIntent);

/// <summary>
/// Makes a refund in the caller's transaction. The charge's row is locked, so of two refunds that together are more than the charge the second is refused.
/// Each source gets its own part back, the card first; the destinations of a split give it in proportion. Without a card part the money is in the wallet at
/// once; else it is set aside until Stripe has answered. Four round trips.
/// </summary>
public static class StartRefund
{
    private const string Lock =
        """
        SELECT customer_id, currency, status, wallet_amount, external_amount, parts, external_charge_id FROM charges WHERE id = $1 FOR UPDATE
        """;

    private const string Earlier = "SELECT wallet_amount, external_amount, parts FROM refunds WHERE charge_id = $1 AND status <> 'failed'";

    /// <summary>Locks the charge until the transaction ends; null when there is none.</summary>
    public static async Task<RefundableCharge?> LockAsync(NpgsqlConnection connection, Guid chargeId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Lock, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = chargeId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        return new(
            chargeId, row.GetString(0), Currency.Find(row.GetString(1))!, row.GetString(2), row.GetDecimal(3), row.GetDecimal(4),
            row.IsDBNull(5) ? null : ShareOut.Read(row.GetString(5)), row.TextOrNull(6));
    }

    /// <summary>Makes the refund, or says why not; then nothing has changed.</summary>
    /// <param name="connection">In the transaction that has locked the charge; the caller commits it.</param>
    /// <param name="charge">The locked charge.</param>
    /// <param name="refund">The refund.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<StartedRefund> RunAsync(
        NpgsqlConnection connection, RefundableCharge charge, NewRefund refund, CancellationToken cancellationToken)
    {
        if (charge.Status != ChargeStatus.Succeeded) return new(null, RefundRefusal.NotPaid, 0);
        var earlier = await ReadEarlierAsync(connection, charge.Id, cancellationToken);
        var externalLeft = charge.ExternalAmount - earlier.Sum(one => one.External);
        var left = externalLeft + charge.WalletAmount - earlier.Sum(one => one.Wallet);
        var amount = refund.Amount ?? left;
        if (amount > left || left == 0) return new(null, RefundRefusal.TooMuch, left);

        var external = Math.Min(amount, externalLeft);
        var units = external > 0 ? StripeAmount.Of(external, charge.Currency) : 0;
        if (units is null) return new(null, RefundRefusal.NotChargeable, left);
        var parts = charge.Parts is null ? null : ShareOut.OfRefund(amount, charge.Currency, charge.Parts, earlier.Select(one => one.Parts!));
        var plan = new RefundPlan(refund, charge, amount, external, parts);
        var ledger = await LockAccounts.RunAsync(connection, [.. plan.Accounts], [ChargeLedger.Refund(refund.Id)], cancellationToken);
        if (!plan.IsCovered(ledger)) return new(null, RefundRefusal.NotCovered, left);
        plan.Post(ledger);
        return new(await InsertRefund.RunAsync(connection, plan, units.Value, ledger, cancellationToken), null, left);
    }

    private static async Task<List<(decimal Wallet, decimal External, SplitPart[]? Parts)>> ReadEarlierAsync(
        NpgsqlConnection connection, Guid chargeId, CancellationToken cancellationToken)
    {
        var earlier = new List<(decimal, decimal, SplitPart[]?)>();
        await using var command = new NpgsqlCommand(Earlier, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = chargeId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            earlier.Add((row.GetDecimal(0), row.GetDecimal(1), row.IsDBNull(2) ? null : ShareOut.Read(row.GetString(2))));
        return earlier;
    }
}
