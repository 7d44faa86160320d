using System.Text.Json;
using Contracts;

namespace Data.Charges;

/// <summary>
/// Split instructions as they are stored: an array <c>[{"destination","amount"|"percent"}]</c>, which the ledger carries out, or an object, which is only kept.
/// </summary>
public static class SplitInstructions
{
    /// <summary>What each destination gets of an amount; null for an object, or for none.</summary>
    /// <param name="json">Instructions that were checked when they were stored.</param>
    /// <param name="amount">The amount. Instructions with amounts serve as weights, so that an order's are scaled to each installment.</param>
    /// <param name="currency">The amount's currency.</param>
    public static SplitPart[]? PartsOf(string? json, decimal amount, Currency currency)
    {
        if (json is null) return null;
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Array) return null;
        var instructions = document.RootElement.EnumerateArray()
            .Select(one => (Destination: one.GetProperty("destination").GetString()!, Weight: WeightOf(one)));
        var (destinations, weights) = (instructions.Select(one => one.Destination).ToArray(), instructions.Select(one => one.Weight).ToArray());
        var shares = ShareOut.ByWeights(amount, currency, weights);
        return [.. destinations.Select((destination, n) => new SplitPart(destination, shares[n]))];
    }

    private static decimal WeightOf(JsonElement one)
    {
        var weight = one.TryGetProperty("percent", out var percent) && percent.ValueKind != JsonValueKind.Null ? percent : one.GetProperty("amount");
        var text = weight.ValueKind == JsonValueKind.String ? weight.GetString()! : weight.GetRawText();
        return decimal.Parse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture);
    }
}
