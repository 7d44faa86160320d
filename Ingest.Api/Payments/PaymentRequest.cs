using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Contracts;
using Ingest.Api.Json;
using Ingest.Api.Money;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>What a user asks for: so much of their own currency.</summary>
/// <param name="Amount">More than 0, with no more decimals than the currency has.</param>
/// <param name="Description">What the user wrote; null for nothing.</param>
internal sealed record PaymentRequest(decimal Amount, string? Description)
{
    public const int MaxDescription = 500;

    private const string AmountRule = "must be a number or a decimal string such as 250.00";

    /// <summary>The request, or the 400, 415 or 422 that says what is wrong with it.</summary>
    /// <param name="request">Its body is read.</param>
    /// <param name="own">The only currency that it may name.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<(PaymentRequest? Request, Problem? Problem)> ReadAsync(HttpRequest request, Currency own, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonBody.ReadMembersAsync(request, """{"amount":250.00}""", cancellationToken);
        if (problem is not null) return (null, problem);

        var errors = new Dictionary<string, string[]>();
        var amount = ReadAmount(members, own, errors);
        CheckCurrency(members, own, errors);
        var description = ReadDescription(members, errors);
        return errors.Count > 0 ? (null, Problem.Invalid(errors)) : (new PaymentRequest(amount, description), null);
    }

    private static decimal ReadAmount(JsonElement members, Currency own, Dictionary<string, string[]> errors)
    {
        if (!members.TryGetProperty("amount", out var member))
        {
            errors["amount"] = [$"is missing; it {AmountRule}"];
            return 0;
        }

        var (amount, decimals) = (0m, 0);
        var fault = member.ValueKind switch
        {
            JsonValueKind.Number => AmountText.ReadNumber(JsonMarshal.GetRawUtf8Value(member), out amount, out decimals),
            JsonValueKind.String => AmountText.ReadString(Encoding.UTF8.GetBytes(member.Text() ?? ""), out amount, out decimals),
            _ => AmountText.Fault.Malformed,
        };
        var message = fault switch
        {
            AmountText.Fault.None when decimals > own.Decimals => $"has {decimals} decimals; {own.Code} has {own.Decimals}",
            AmountText.Fault.None => null,
            AmountText.Fault.NotPositive => "must be greater than 0",
            AmountText.Fault.TooLarge => $"must have at most {AmountText.MaxIntegerDigits} digits before the point",
            AmountText.Fault.TooPrecise => $"has more decimals than {own.Code}, which has {own.Decimals}",
            _ => AmountRule,
        };
        if (message is not null) errors["amount"] = [message];
        return amount;
    }

    private static void CheckCurrency(JsonElement members, Currency own, Dictionary<string, string[]> errors)
    {
        if (!members.TryGetProperty("currency", out var member) || member.ValueKind == JsonValueKind.Null) return;
        if (member.Text() is not { } code || Currency.Find(code) is not { } currency) errors["currency"] = ["must be an active ISO 4217 code, such as USD"];
        else if (currency.Code != own.Code) errors["currency"] = [$"is {currency.Code}, and your account is in {own.Code}; send {own.Code} or leave it out"];
    }

    private static string? ReadDescription(JsonElement members, Dictionary<string, string[]> errors)
    {
        if (!members.TryGetProperty("description", out var member) || member.ValueKind == JsonValueKind.Null) return null;
        if (member.Text() is { Length: <= MaxDescription } text && !text.Contains('\0', StringComparison.Ordinal)) return text;
        errors["description"] = [$"must be text of at most {MaxDescription} characters, without NUL"];
        return null;
    }
}
