using System.Collections.Frozen;
using Sandbox.Stripe.Requests;

namespace Sandbox.Stripe.Intents;

/// <summary>The parameters of <c>POST /v1/payment_intents</c>.</summary>
internal sealed record IntentRequest(
    long Amount, string Currency, string? Customer, string? PaymentMethod, string? Description, bool IsConfirmed, bool IsOffSession,
    IReadOnlyDictionary<string, string> Metadata, AutomaticPaymentMethods? Automatic)
{
    /// <summary>What may be expanded in an intent.</summary>
    public const string LatestCharge = "latest_charge";

    private const long LargestAmount = 99_999_999;
    private const string Enabled = "automatic_payment_methods[enabled]", Redirects = "automatic_payment_methods[allow_redirects]";

    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        "amount", "currency", "customer", "payment_method", "description", "confirm", "off_session", "metadata", Enabled, Redirects);

    /// <summary>Reads them; null when the form has a fault.</summary>
    public static IntentRequest? Read(StripeForm form)
    {
        form.Allow(Names, LatestCharge);
        var amount = form.Whole("amount", 1, LargestAmount, isRequired: true);
        var currency = form.Text("currency", isRequired: true);
        if (currency is not null && Contracts.Currency.Find(currency) is null)
            form.Refuse("currency", $"Invalid currency: {currency}. It must be an ISO code.");
        var automatic = form.Flag(Enabled)
            ? new AutomaticPaymentMethods(form.OneOf(Redirects, "always", "never") ?? "always", Enabled: true)
            : null;
        var request = new IntentRequest(
            amount ?? 0, currency?.ToLowerInvariant() ?? "", form.Text("customer"), form.Text("payment_method"), form.Unset("description"),
            form.Flag("confirm"), form.Flag("off_session"), form.ReadMetadata(), automatic);
        return form.Fault is null ? request : null;
    }
}
