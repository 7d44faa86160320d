namespace Data.Charges;

/// <summary>
/// A row of <c>charges</c>: what a customer pays, from the wallet, by card, or both. docs/charges.md has its states. What is still to be done at Stripe is a
/// row of <c>stripe_requests</c>; a charge that the wallet covers has none.
/// </summary>
public sealed class Charge
{
    /// <summary>A UUID of version 7: lists are ordered by it, newest first.</summary>
    public Guid Id { get; set; }

    /// <summary>The customer's id (<see cref="Contracts.Ids"/>).</summary>
    public required string CustomerId { get; set; }

    /// <summary>Greater than 0, in the currency's unit.</summary>
    public decimal Amount { get; set; }

    /// <summary>ISO 4217, upper case.</summary>
    public required string Currency { get; set; }

    /// <summary>One of <see cref="ChargeStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>One of <see cref="ChargeSource"/>: where the money came from or was to come from; null when no source could be tried.</summary>
    public string? PaymentMethod { get; set; }

    /// <summary>The part from the wallet.</summary>
    public decimal WalletAmount { get; set; }

    /// <summary>The part from the card. Both parts together are the amount, or 0 when no source could be tried.</summary>
    public decimal ExternalAmount { get; set; }

    /// <summary>Stripe's PaymentIntent, <c>pi_...</c>; null until Stripe has answered.</summary>
    public string? ExternalChargeId { get; set; }

    /// <summary>The sum of the refunds that succeeded.</summary>
    public decimal RefundedAmount { get; set; }

    /// <summary>Why it failed: Stripe's code, or one of <see cref="ChargeFailure"/>; otherwise null.</summary>
    public string? FailureCode { get; set; }

    /// <summary>Why it failed, one sentence; otherwise null.</summary>
    public string? FailureMessage { get; set; }

    /// <summary>As the caller sent them, JSON: an array that the ledger carries out, or an object that is only kept. Null without.</summary>
    public string? SplitInstructions { get; set; }

    /// <summary>What each destination gets, JSON of <see cref="SplitPart"/>s; null when all of it is sales of the house.</summary>
    public string? Parts { get; set; }

    /// <summary>The caller's own data, a JSON object.</summary>
    public string Metadata { get; set; } = "{}";

    /// <summary>The installment that it pays; null for none.</summary>
    public Guid? InstallmentId { get; set; }

    /// <summary>The order of that installment; null for none.</summary>
    public Guid? InstallmentOrderId { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a member that callers see last changed; null until the first change.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }

    /// <summary>When it succeeded or failed; null while it is pending.</summary>
    public DateTimeOffset? SettledAt { get; set; }
}

/// <summary>Values of <see cref="Charge.Status"/>.</summary>
public static class ChargeStatus
{
    /// <summary>The wallet part is set aside, and Stripe is being asked for the rest.</summary>
    public const string Pending = "pending";

    /// <summary>Paid, and posted to the ledger. Final.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Not paid; a wallet part was given back. Final.</summary>
    public const string Failed = "failed";

    /// <summary>All of them; the constraint <c>charges_status_known</c> has the same list.</summary>
    public static readonly IReadOnlyList<string> All = [Pending, Succeeded, Failed];
}

/// <summary>Values of <see cref="Charge.PaymentMethod"/>.</summary>
public static class ChargeSource
{
    /// <summary>The customer's wallet.</summary>
    public const string Wallet = "wallet";

    /// <summary>Stripe.</summary>
    public const string External = "external";

    /// <summary>Both.</summary>
    public const string Mixed = "mixed";
}

/// <summary>Our own values of <see cref="Charge.FailureCode"/>; the others are Stripe's.</summary>
public static class ChargeFailure
{
    /// <summary>The wallet does not cover the amount, and no card was given for the rest.</summary>
    public const string InsufficientFunds = "insufficient_funds";

    /// <summary>Stripe cannot charge this part of the amount: its currency has no such decimals there.</summary>
    public const string AmountNotChargeable = "amount_not_chargeable";

    /// <summary>Stripe did not accept the request within its retries, and certainly did nothing with it.</summary>
    public const string ProcessorUnavailable = "processor_unavailable";

    /// <summary>Stripe wants the customer to authenticate the payment, which nobody can do off-session.</summary>
    public const string AuthenticationRequired = "authentication_required";

    /// <summary>Stripe took the money, but the ledger cannot store so large a balance: an operator has to return it.</summary>
    public const string BalanceLimit = "balance_limit_exceeded";
}
