using Contracts;

namespace Data.Charges;

/// <summary>What became of a request at Stripe. Definite: an outcome that is not known is no result.</summary>
/// <param name="IsSuccess">Whether the money has moved.</param>
/// <param name="StripeId"><c>pi_...</c> or <c>re_...</c>; null where Stripe has none.</param>
/// <param name="FailureCode">Stripe's error code, such as <c>card_declined</c>, or one of <see cref="ChargeFailure"/>; null for a success.</param>
/// <param name="FailureMessage">The same in words; null for a success.</param>
/// <param name="DeclineCode">Why the card's bank declined, such as <c>stolen_card</c>: it decides whether an installment is tried again. Null without.</param>
public sealed record StripeResult(bool IsSuccess, string? StripeId, string? FailureCode, string? FailureMessage, string? DeclineCode = null)
{
    /// <summary>The money has moved.</summary>
    public static StripeResult Succeeded(string stripeId) => new(true, StoredText.Clean(stripeId), null, null);

    /// <summary>It has not, and will not.</summary>
    /// <param name="stripeId">Null where Stripe has none.</param>
    /// <param name="code">Why.</param>
    /// <param name="message">The same in words.</param>
    /// <param name="declineCode">Why the card's bank declined; null without.</param>
    public static StripeResult Failed(string? stripeId, string code, string message, string? declineCode = null) =>
        new(false, StoredText.Clean(stripeId), StoredText.Clean(code, maxLength: 100), StoredText.Clean(message), declineCode);

    /// <summary>The status of a charge that is settled with this result. Refunds have the same words.</summary>
    public string Status => IsSuccess ? ChargeStatus.Succeeded : ChargeStatus.Failed;
}

/// <summary>What settling a charge or a refund did.</summary>
public enum StripeSettlement
{
    /// <summary>It is settled and posted now.</summary>
    Settled,

    /// <summary>It was settled with the same result before; nothing has changed.</summary>
    AlreadySettled,

    /// <summary>It was settled with the other result before; nothing has changed, and an operator has to look.</summary>
    Contradicts,

    /// <summary>Its request has been claimed again since; nothing has changed, and the later claim finds out the result itself.</summary>
    Superseded,

    /// <summary>
    /// Stripe moved the money, but the ledger cannot store so large a balance: it is settled as failed, and an operator has to return the money.
    /// </summary>
    OutOfRange,

    /// <summary>There is no such charge or refund.</summary>
    Unknown,
}
