namespace Faults.Charges;

/// <summary>A credit that was answered 200.</summary>
internal sealed record AskedCredit(string Customer, decimal Amount);

/// <summary>A charge that was answered 200.</summary>
/// <param name="Key">Its Idempotency-Key, which is in its metadata too.</param>
/// <param name="Id">Its id.</param>
/// <param name="Customer">Whose.</param>
/// <param name="Amount">What was asked for.</param>
/// <param name="Card">The card; null for none.</param>
/// <param name="Status">As it was answered: pending, or final.</param>
internal sealed record AskedCharge(string Key, Guid Id, string Customer, decimal Amount, string? Card, string Status);

/// <summary>A refund that was answered 200; its key is its reason.</summary>
internal sealed record AskedRefund(string Key, Guid Id, Guid ChargeId, string Status);

/// <summary>An order of installments that was answered 200.</summary>
internal sealed record AskedOrder(string Key, Guid Id, string Customer, decimal Amount, string? Card, IReadOnlyList<Guid> Installments);

/// <summary>Cards of the sandbox, and what Stripe says of them.</summary>
internal static class Cards
{
    /// <summary>Succeed.</summary>
    public static readonly string[] Good = ["pm_card_visa", "pm_card_mastercard", "pm_card_pendingRefund"];

    /// <summary>Declined, softly and for good.</summary>
    public static readonly string[] Declined = ["pm_card_chargeDeclinedInsufficientFunds", "pm_card_chargeDeclined", "pm_card_chargeDeclinedLostCard"];

    /// <summary>Whether a charge of this card may end so. A good one fails only when Stripe certainly did not take it, again and again.</summary>
    /// <param name="card">The card; null for none.</param>
    /// <param name="isPaid">Whether the charge has succeeded.</param>
    /// <param name="external">The card's part.</param>
    /// <param name="failureCode">Why it failed; null when it has not.</param>
    public static bool MayEndSo(string? card, bool isPaid, decimal external, string? failureCode) =>
        external == 0 ? isPaid || failureCode == "insufficient_funds"
        : isPaid ? Good.Contains(card)
        : failureCode == "processor_unavailable" || (failureCode == "card_declined" && Declined.Contains(card));
}
