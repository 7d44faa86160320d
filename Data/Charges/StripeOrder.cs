using System.Globalization;
using System.Text.Json;
using Contracts;

namespace Data.Charges;

/// <summary>What Stripe is asked for, as it is recorded before the first request and sent in every one: it is never built anew.</summary>
/// <param name="Amount">In Stripe's units (<see cref="StripeAmount"/>).</param>
/// <param name="Currency">ISO 4217, lower case, as Stripe writes it.</param>
/// <param name="PaymentMethod">A charge's <c>pm_...</c>; null for the customer's default.</param>
/// <param name="Customer">A charge's <c>cus_...</c>; null for none.</param>
/// <param name="PaymentIntent">A refund's <c>pi_...</c>; null for a charge.</param>
public sealed record StripeOrder(long Amount, string Currency, string? PaymentMethod = null, string? Customer = null, string? PaymentIntent = null)
{
    /// <summary>As the column <c>body</c> keeps it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ChargeRowJson.Default.StripeOrder);

    /// <summary>From the column <c>body</c>.</summary>
    public static StripeOrder Read(string json) => JsonSerializer.Deserialize(json, ChargeRowJson.Default.StripeOrder)!;

    /// <summary>The Idempotency-Key of an attempt: <c>charge:ID:1</c>, <c>refund:ID:1</c>.</summary>
    /// <param name="kind">One of <see cref="StripeRequestKind"/>.</param>
    /// <param name="id">The charge or the refund.</param>
    /// <param name="attempt"><see cref="StripeRequest.Attempt"/>.</param>
    public static string KeyOf(string kind, Guid id, int attempt) => string.Create(CultureInfo.InvariantCulture, $"{kind}:{id}:{attempt}");
}

/// <summary>
/// Amounts as Stripe counts them (<see href="https://docs.stripe.com/currencies"/>): whole numbers of the smallest unit, with exceptions. Computed in
/// decimal: a double makes 1998 of 19.99.
/// </summary>
public static class StripeAmount
{
    // Stripe has no decimals for them: ISO 4217 has none either, but for MGA, whose unit is a fifth.
    private const string WithoutDecimals = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF";

    // Three decimals, of which the last must be 0.
    private const string InThousandths = "BHD JOD KWD OMR TND";

    /// <summary>The amount in Stripe's units; null when Stripe cannot charge it: it has a decimal that the currency does not have there.</summary>
    /// <param name="amount">In the currency's unit; greater than 0.</param>
    /// <param name="currency">The currency.</param>
    public static long? Of(decimal amount, Currency currency)
    {
        var (factor, step) = WithoutDecimals.Contains(currency.Code, StringComparison.Ordinal) ? (1m, 1)
            : InThousandths.Contains(currency.Code, StringComparison.Ordinal) ? (1_000m, 10)
            : (100m, IsWhole(currency.Code) ? 100 : 1);
        var units = amount * factor;
        return units == decimal.Truncate(units) && units % step == 0 && units <= long.MaxValue ? (long)units : null;
    }

    // Two decimals at Stripe, for reasons of history, that must be 0.
    private static bool IsWhole(string code) => code is "ISK" or "UGX";
}
