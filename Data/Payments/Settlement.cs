using Data.Ledger;

namespace Data.Payments;

/// <summary>The result of a payment, as the bank reports it.</summary>
/// <param name="IsSuccess">Whether the money has moved.</param>
/// <param name="BankReference">The bank's own reference; null when it gave none.</param>
/// <param name="ErrorMessage">Why the money has not moved, one sentence.</param>
public sealed record BankResult(bool IsSuccess, string? BankReference, string? ErrorMessage)
{
    /// <summary>The status of a payment settled with this result.</summary>
    public string Status => IsSuccess ? PaymentStatus.Success : PaymentStatus.Failed;
}

/// <summary>A payment to settle.</summary>
/// <param name="PaymentId">The payment's id.</param>
/// <param name="Result">Its result.</param>
/// <param name="Claim">
/// The claim under which a worker learned the result: it counts only while that claim is the latest. Null for a callback: the bank's own word needs no claim.
/// </param>
public readonly record struct PaymentResult(long PaymentId, BankResult Result, long? Claim = null);

/// <summary>What settling did.</summary>
public enum Settlement
{
    /// <summary>The payment is settled and posted now.</summary>
    Settled,

    /// <summary>The payment was settled with the same result before; nothing has changed.</summary>
    AlreadySettled,

    /// <summary>The payment was settled with the other result before; nothing has changed.</summary>
    Contradicts,

    /// <summary>The payment has been claimed again since; nothing has changed, and the later claim finds out the result itself.</summary>
    Superseded,

    /// <summary>
    /// The bank moved the money, but the ledger cannot store so large a balance: the payment is settled as failed, and an operator has the bank return the
    /// money. <see cref="Money.MaxBalance"/> keeps this from happening.
    /// </summary>
    OutOfRange,

    /// <summary>There is no such payment.</summary>
    Unknown,
}
