using System.Collections.Frozen;

namespace Sandbox.Stripe.Intents;

/// <summary>What becomes of a refund.</summary>
internal enum RefundFate
{
    /// <summary>It succeeds at once.</summary>
    Succeeds,

    /// <summary>It is pending first.</summary>
    SucceedsLater,

    /// <summary>It succeeds first, and fails after that.</summary>
    FailsLater,
}

/// <summary>How a card of Stripe's test mode fares.</summary>
/// <param name="Refusal">Why a charge is declined; null when it succeeds.</param>
/// <param name="IsAskedToAuthenticate">Whether it is declined only while its owner is away; else the intent waits for them.</param>
/// <param name="Refunds">What becomes of refunds to it.</param>
internal sealed record TestCard(StripeError? Refusal = null, bool IsAskedToAuthenticate = false, RefundFate Refunds = RefundFate.Succeeds);

/// <summary>The cards that Stripe documents for tests (docs.stripe.com/testing), by the names of their payment methods.</summary>
internal static class TestCards
{
    /// <summary>The card of a customer that has one stored: every customer.</summary>
    public const string Stored = "pm_card_visa";

    private const string Brands =
        "visa visa_debit mastercard mastercard_debit mastercard_prepaid amex discover diners jcb unionpay visa_cartesBancaires mastercard_cartesBancaires "
        + "us threeDSecureOptional bypassPending bypassPendingInternational riskLevelElevated";

    private const string Asking =
        "authenticationRequired authenticationRequiredOnSetup authenticationRequiredSetupForOffSession threeDSecure2Required threeDSecureRequired";

    private const string NoMessage = "Your card was declined.";

    private static readonly FrozenDictionary<string, TestCard> All = Cards().ToFrozenDictionary(card => $"pm_card_{card.Name}", card => card.Card);

    public static TestCard? Find(string paymentMethod) => All.GetValueOrDefault(paymentMethod);

    private static IEnumerable<(string Name, TestCard Card)> Cards()
    {
        foreach (var brand in Brands.Split(' ')) yield return (brand, new());
        foreach (var (name, refusal) in Refusals())
        {
            // Stripe has some of them with the brand and some without; here all have both names.
            yield return (name, new(refusal));
            yield return ($"visa_{name}", new(refusal));
        }

        var absent = Declined("authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.");
        foreach (var name in Asking.Split(' ')) yield return (name, new(absent, IsAskedToAuthenticate: true));
        yield return ("refundFail", new(Refunds: RefundFate.FailsLater));
        yield return ("pendingRefund", new(Refunds: RefundFate.SucceedsLater));
    }

    private static IEnumerable<(string Name, StripeError Refusal)> Refusals() =>
    [
        ("chargeDeclined", Declined("card_declined", "generic_decline", NoMessage)),
        ("chargeDeclinedInsufficientFunds", Declined("card_declined", "insufficient_funds", "Your card has insufficient funds.")),
        ("chargeDeclinedLostCard", Declined("card_declined", "lost_card", NoMessage)),
        ("chargeDeclinedStolenCard", Declined("card_declined", "stolen_card", NoMessage)),
        ("chargeDeclinedFraudulent", Declined("card_declined", "fraudulent", NoMessage)),
        ("chargeDeclinedVelocityLimitExceeded", Declined("card_declined", "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.")),
        ("chargeDeclinedExpiredCard", Declined("expired_card", "expired_card", "Your card has expired.")),
        ("chargeDeclinedIncorrectCvc", Declined("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")),
        ("chargeDeclinedProcessingError", Declined("processing_error", "processing_error",
            "An error occurred while processing your card. Try again in a little bit.")),
        ("chargeCustomerFail", Declined("card_declined", "generic_decline", NoMessage)),
    ];

    private static StripeError Declined(string code, string declineCode, string message) =>
        new(StripeError.Card, message) { Code = code, DeclineCode = declineCode };
}
