using System.Globalization;
using System.Text.Json;
using Contracts;
using Data.Charges;
using Ingest.Api.Requests;

namespace Ingest.Api.Charges;

/// <summary>
/// Reads split instructions: an array of destinations with an amount each, which add up to the amount, or with a percentage each, which add up to 100; or an
/// object, which is kept as it is and not carried out.
/// </summary>
internal static class SplitRequest
{
    /// <summary>Each destination's account is locked for its transfer, so their number is bounded.</summary>
    public const int MaxParts = 100;

    private const string Rule =
        "must be an array of {\"destination\":\"acct_1\",\"percent\":60} or {\"destination\":\"acct_1\",\"amount\":60.00}, or an object";
    private const int PercentDecimals = 4;

    /// <summary>The instructions as they are stored, and what each destination gets; both null without any, and when they are refused.</summary>
    /// <param name="members">The body.</param>
    /// <param name="name">The member.</param>
    /// <param name="amount">What is shared out; 0 when it was refused.</param>
    /// <param name="currency">Its currency.</param>
    public static (string? Json, SplitPart[]? Parts) Read(JsonMembers members, string name, decimal amount, Currency currency)
    {
        if (members.Find(name) is not { ValueKind: not JsonValueKind.Null } member) return (null, null);
        if (member.ValueKind == JsonValueKind.Object) return (members.Keep(name, member), null);
        if (member.ValueKind != JsonValueKind.Array || member.GetArrayLength() is 0 or > MaxParts)
        {
            members.Refuse(name, member.ValueKind == JsonValueKind.Array
                ? string.Create(CultureInfo.InvariantCulture, $"has {member.GetArrayLength():#,0} parts; 1 to {MaxParts} are allowed")
                : Rule);
            return (null, null);
        }

        if (!AreAcceptable(members, name, member, amount, currency) || members.Keep(name, member) is not { } json) return (null, null);
        return (json, amount > 0 ? SplitInstructions.PartsOf(json, amount, currency) : null);
    }

    private static bool AreAcceptable(JsonMembers members, string name, JsonElement array, decimal amount, Currency currency)
    {
        var isByPercent = array[0].ValueKind == JsonValueKind.Object && Has(array[0], "percent");
        var (sum, isAcceptable) = (0m, true);
        foreach (var (n, part) in array.EnumerateArray().Index())
        {
            var (weight, fault) = PartOf(part, isByPercent, currency);
            sum += weight;
            if (fault is null) continue;
            members.Refuse(string.Create(CultureInfo.InvariantCulture, $"{name}[{n}]"), fault);
            isAcceptable = false;
        }

        if (!isAcceptable) return false;
        if (isByPercent && sum != 100)
            members.Refuse(name, string.Create(CultureInfo.InvariantCulture, $"has percentages that sum to {sum}; they must sum to 100"));
        else if (!isByPercent && amount > 0 && sum != amount)
            members.Refuse(name, $"has amounts that sum to {Currency.Format(sum, currency.Code)}; they must sum to {Currency.Format(amount, currency.Code)}");
        else return true;
        return false;
    }

    private static (decimal Weight, string? Fault) PartOf(JsonElement part, bool isByPercent, Currency currency)
    {
        if (part.ValueKind != JsonValueKind.Object) return (0, "must be an object with a destination and an amount or a percent");
        if (!part.TryGetProperty("destination", out var destination) || JsonMembers.TextOf(destination) is not { } id || !Ids.IsValid(id))
            return (0, $"needs a destination: a string of {Ids.Allowed}");
        if (Has(part, "percent") == Has(part, "amount")) return (0, "needs one of amount and percent");
        if (Has(part, "percent") != isByPercent) return (0, "has another form than the first part: give all of them an amount, or all a percent");
        return isByPercent ? PercentOf(part.GetProperty("percent")) : AmountText.Of(part.GetProperty("amount"), currency) switch
        {
            (var amount, null) => (amount, null),
            (_, { } fault) => (0, $"amount {fault}"),
        };
    }

    // Read as an amount of a currency with four decimals, the most that a weight may have.
    private static (decimal Percent, string? Fault) PercentOf(JsonElement element)
    {
        var (percent, fault) = AmountText.Of(element, Currency.Find("CLF")!);
        return fault is null && percent <= 100 ? (percent, null) : (0, $"percent must be more than 0 and at most 100, with at most {PercentDecimals} decimals");
    }

    private static bool Has(JsonElement part, string name) => part.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null;
}
