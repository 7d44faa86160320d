using Contracts;
using Ingest.Api.Requests;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>A deposit or withdrawal that a user asks for, in the currency of their account.</summary>
/// <param name="Amount">More than 0, with no more decimals than the currency has.</param>
/// <param name="Description">What the user wrote; null for nothing.</param>
internal sealed record PaymentRequest(decimal Amount, string? Description)
{
    /// <summary>The request, or the 422 that names every field that is not acceptable.</summary>
    /// <param name="members">The body.</param>
    /// <param name="own">The only currency that it may name.</param>
    public static (PaymentRequest? Request, Problem? Problem) Read(JsonMembers members, Currency own)
    {
        var amount = members.Amount("amount", own);
        if (members.Currency("currency", own) is { } currency && currency.Code != own.Code)
            members.Refuse("currency", $"is {currency.Code}, and your account is in {own.Code}; send {own.Code} or leave it out");
        var description = members.Description("description");
        return members.Problem is { } problem ? (null, problem) : (new(amount, description), null);
    }
}
