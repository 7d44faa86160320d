using System.Collections.Frozen;

namespace Data.Installments;

/// <summary>Whether and when an installment is charged again after a charge of it failed.</summary>
public static class Dunning
{
    /// <summary>The most attempts after the first.</summary>
    public const int MaxRetries = 10;

    /// <summary>The longest wait between two attempts, in days.</summary>
    public const int MaxDays = 90;

    /// <summary>After 1, 3 and 5 days, each counted from the failure before.</summary>
    public static readonly IReadOnlyList<int> DefaultDays = [1, 3, 5];

    /// <summary>
    /// Codes after which the same card cannot succeed, or after which card networks fine those who try again. First those that Stripe's Smart Retries never
    /// retries (<see href="https://docs.stripe.com/billing/revenue-recovery/smart-retries"/>), then those for which Stripe's list of decline codes
    /// (<see href="https://docs.stripe.com/declines/codes"/>) leaves the customer no way with this card, then our own. Every other code is soft.
    /// </summary>
    private static readonly FrozenSet<string> Hard = new[]
    {
        "incorrect_number", "lost_card", "pickup_card", "stolen_card", "revocation_of_authorization", "revocation_of_all_authorizations",
        "authentication_required", "highest_risk_level", "transaction_not_allowed",
        "card_not_supported", "currency_not_supported", "do_not_try_again", "fraudulent", "invalid_account", "invalid_number", "merchant_blacklist",
        "new_account_information_available", "restricted_card", "security_violation", "stop_payment_order", "resource_missing",
        Charges.ChargeFailure.AmountNotChargeable, Charges.ChargeFailure.BalanceLimit,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a failure is final: the same card is not tried again.</summary>
    /// <param name="failureCode">Stripe's code, or one of <see cref="Charges.ChargeFailure"/>; null for none.</param>
    public static bool IsHard(string? failureCode) => failureCode is not null && Hard.Contains(failureCode);

    /// <summary>How long to wait until the next attempt; null when there is none.</summary>
    /// <param name="attempts">How many charges were made, the one that failed among them; from 1 on.</param>
    /// <param name="days">The order's <see cref="InstallmentOrder.DunningDays"/>.</param>
    /// <param name="failureCode">Why the last one failed.</param>
    public static TimeSpan? NextAfter(int attempts, IReadOnlyList<int> days, string? failureCode) =>
        IsHard(failureCode) || attempts > days.Count ? null : TimeSpan.FromDays(days[attempts - 1]);
}
