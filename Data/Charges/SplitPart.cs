using System.Text.Json;
using System.Text.Json.Serialization;
using Contracts;

namespace Data.Charges;

/// <summary>What one destination of a split gets of a charge, or gives back in a refund.</summary>
/// <param name="Destination">The destination's id; its account is <see cref="Ledger.Accounts.OfMerchant"/>.</param>
/// <param name="Amount">In the currency's unit; 0 where a share is less than the smallest unit.</param>
public sealed record SplitPart(string Destination, decimal Amount);

/// <summary>Source-generated JSON of what the tables keep: parts, and what Stripe is asked for. snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SplitPart[]))]
[JsonSerializable(typeof(StripeOrder))]
public sealed partial class ChargeRowJson : JsonSerializerContext;

/// <summary>
/// Shares an amount out in whole units of its currency: every share is rounded down, and the units that remain go one each to the first parts. So the shares
/// always sum to the amount, in any currency: 30.02 in three is 10.01, 10.01, 10.00.
/// </summary>
public static class ShareOut
{
    /// <summary>Shares an amount out by weights.</summary>
    /// <param name="amount">The amount; not negative, with no more decimals than the currency has.</param>
    /// <param name="currency">The currency.</param>
    /// <param name="weights">None negative, at most four decimals, less than 10^15; their sum is more than 0.</param>
    /// <returns>One share a weight, in the same order. A weight of 0 gets nothing.</returns>
    public static decimal[] ByWeights(decimal amount, Currency currency, IReadOnlyList<decimal> weights) =>
        Share(UnitsOf(amount, currency), [.. weights.Select(weight => (Int128)(weight * 10_000m))], isBounded: false, currency);

    /// <summary>
    /// What each part gives back of a refund: in proportion to what it still has, never more than that. When the whole rest is refunded each gives back all
    /// that it has.
    /// </summary>
    /// <param name="amount">The refund; at most what the parts still have.</param>
    /// <param name="currency">The currency.</param>
    /// <param name="parts">The charge's parts.</param>
    /// <param name="returned">The parts of the refunds before, each in the order of <paramref name="parts"/>.</param>
    public static SplitPart[] OfRefund(decimal amount, Currency currency, IReadOnlyList<SplitPart> parts, IEnumerable<IReadOnlyList<SplitPart>> returned)
    {
        var left = parts.Select(part => part.Amount).ToArray();
        foreach (var refund in returned)
        {
            for (var n = 0; n < left.Length; n++) left[n] -= refund[n].Amount;
        }

        var shares = Share(UnitsOf(amount, currency), [.. left.Select(amountLeft => UnitsOf(amountLeft, currency))], isBounded: true, currency);
        return [.. parts.Select((part, n) => part with { Amount = shares[n] })];
    }

    /// <summary>Parts as a column keeps them.</summary>
    public static string ToJson(SplitPart[] parts) => JsonSerializer.Serialize(parts, ChargeRowJson.Default.SplitPartArray);

    /// <summary>Parts from a column.</summary>
    public static SplitPart[] Read(string json) => JsonSerializer.Deserialize(json, ChargeRowJson.Default.SplitPartArray)!;

    // Bounded: no share is larger than its weight, which is in units then. The sum of the weights is at least the total, so the loop ends.
    private static decimal[] Share(Int128 total, Int128[] weights, bool isBounded, Currency currency)
    {
        var sum = weights.Aggregate(Int128.Zero, (all, weight) => all + weight);
        var shares = weights.Select(weight => total * weight / sum).ToArray(); // At most 10^19 times 10^19, which Int128 holds (1.7 * 10^38).
        var left = total - shares.Aggregate(Int128.Zero, (all, share) => all + share);
        for (var n = 0; left > 0; n = (n + 1) % shares.Length)
        {
            if (weights[n] == 0 || (isBounded && shares[n] == weights[n])) continue;
            shares[n]++;
            left--;
        }

        return [.. shares.Select(share => AmountOf(share, currency))];
    }

    private static Int128 UnitsOf(decimal amount, Currency currency) => (Int128)(amount * PowerOf(currency));

    private static decimal AmountOf(Int128 units, Currency currency) => (decimal)units / PowerOf(currency);

    private static decimal PowerOf(Currency currency) => currency.Decimals switch { 0 => 1m, 2 => 100m, 3 => 1_000m, _ => 10_000m };
}
