using Contracts;

namespace Data.Charges;

/// <summary>A charge to be made.</summary>
/// <param name="Id">A new UUID of version 7.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">Greater than 0, with no more decimals than the currency has.</param>
/// <param name="Currency">The currency.</param>
public sealed record NewCharge(Guid Id, string CustomerId, decimal Amount, Currency Currency)
{
    /// <summary>
    /// <see cref="ChargeSource.Wallet"/> or <see cref="ChargeSource.External"/> for that source alone; null for the wallet first, then the card.
    /// </summary>
    public string? OnlyFrom { get; init; }

    /// <summary>Stripe's payment method, <c>pm_...</c>; null without.</summary>
    public string? StripePaymentMethod { get; init; }

    /// <summary>Stripe's customer, <c>cus_...</c>; null without.</summary>
    public string? StripeCustomer { get; init; }

    /// <summary>As the caller sent them, JSON; null without.</summary>
    public string? SplitInstructions { get; init; }

    /// <summary>What each destination gets, which sums to the amount; null for no split.</summary>
    public SplitPart[]? Parts { get; init; }

    /// <summary>The caller's own data, a JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    /// <summary>The installment that it pays; null for none.</summary>
    public Guid? InstallmentId { get; init; }

    /// <summary>The order of that installment; null for none.</summary>
    public Guid? InstallmentOrderId { get; init; }

    /// <summary>The W3C trace context that it belongs to; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// When the relay publishes the charge's record, from now on. Zero where nobody publishes it after the commit; otherwise more than a healthy worker needs.
    /// </summary>
    public TimeSpan RelayAfter { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A charge that was made.</summary>
/// <param name="Charge">Its row. What is pending has a Stripe request.</param>
/// <param name="StripeRequestId">The row of <c>stripe_requests</c> to publish; null when the charge is settled.</param>
public sealed record StartedCharge(Charge Charge, Guid? StripeRequestId);

/// <summary>Where the money of a charge comes from: the wallet first, the rest from the card.</summary>
/// <param name="Wallet">The wallet's part.</param>
/// <param name="External">The card's part.</param>
/// <param name="FailureCode">Why it cannot be charged; null when it can. Then both parts are 0.</param>
/// <param name="FailureMessage">The same in words.</param>
public sealed record ChargePlan(decimal Wallet, decimal External, string? FailureCode = null, string? FailureMessage = null)
{
    /// <summary>One of <see cref="ChargeSource"/>; null when it cannot be charged.</summary>
    public string? Method => (Wallet > 0, External > 0) switch
    {
        (true, true) => ChargeSource.Mixed,
        (true, false) => ChargeSource.Wallet,
        (false, true) => ChargeSource.External,
        _ => null,
    };

    /// <summary>Decides it.</summary>
    /// <param name="charge">The charge.</param>
    /// <param name="available">What the wallet can pay in the charge's currency; 0 without one.</param>
    public static ChargePlan Of(NewCharge charge, decimal available)
    {
        var wallet = charge.OnlyFrom == ChargeSource.External ? 0 : Math.Min(available, charge.Amount);
        var external = charge.Amount - wallet;
        if (external == 0) return new(wallet, 0);
        var hasCard = charge.OnlyFrom != ChargeSource.Wallet && (charge.StripePaymentMethod ?? charge.StripeCustomer) is not null;
        var code = charge.Currency.Code;
        if (!hasCard)
        {
            return new(0, 0, ChargeFailure.InsufficientFunds,
                $"The wallet has {Currency.Format(available, code)} {code} of the {Currency.Format(charge.Amount, code)} {code}, and "
                + (charge.OnlyFrom == ChargeSource.Wallet ? "payment_method allows no other source." : "no stripe_payment_method was sent for the rest."));
        }

        return StripeAmount.Of(external, charge.Currency) is not null
            ? new(wallet, external)
            : new(0, 0, ChargeFailure.AmountNotChargeable,
                $"Cards cannot be charged {Currency.Format(external, code)} {code}: Stripe takes no such fraction of this currency.");
    }
}
