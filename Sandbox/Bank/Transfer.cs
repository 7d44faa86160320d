using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Sandbox.Bank;

/// <summary>The body of <c>POST /transfers</c>.</summary>
internal sealed record TransferRequest(
    [property: Description("The payment's id, positive.")] long TransactionId,
    [property: Description("deposit or withdrawal.")] string Type,
    [property: Description("A decimal string, positive.")] string Amount,
    [property: Description("Three capital letters.")] string Currency,
    [property: Description("Where the callback goes, instead of the bank's own setting.")] Uri? CallbackUrl = null)
{
    [JsonIgnore]
    public bool IsWithdrawal => Type == "withdrawal";

    /// <summary>What cannot be meant: field -> messages; empty when all is well.</summary>
    public Dictionary<string, string[]> Faults()
    {
        var faults = new Dictionary<string, string[]>();
        if (TransactionId <= 0) faults["transaction_id"] = ["must be a positive whole number."];
        if (Type is not ("deposit" or "withdrawal")) faults["type"] = ["must be deposit or withdrawal."];
        if (!(decimal.TryParse(Amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount > 0))
            faults["amount"] = ["must be a decimal string above zero, such as \"250.00\"."];
        if (Currency is not { Length: 3 } || !Currency.All(char.IsAsciiLetterUpper)) faults["currency"] = ["must be three capital letters, such as USD."];
        if (CallbackUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https")) faults["callback_url"] = ["must be an absolute http or https URL."];
        return faults;
    }
}

/// <summary>A transfer in the bank's books. It changes once, from pending to its result; the books see to that.</summary>
internal sealed class Transfer(TransferRequest request, string idempotencyKey, Fate fate, string bankReference)
{
    public const string Pending = "pending";
    public const string Success = "success";
    public const string Failed = "failed";

    public TransferRequest Request { get; } = request;

    public string IdempotencyKey { get; } = idempotencyKey;

    public Fate Fate { get; } = fate;

    public string BankReference { get; } = bankReference;

    public bool IsSettled { get; set; }

    public string Result => Fate.Course?.Refusal is null ? Success : Failed;

    public string? ResultMessage => Fate.Course?.Refusal?.Detail;

    public string Status => IsSettled ? Result : Pending;
}

/// <summary>The answer to <c>POST /transfers</c>.</summary>
internal sealed record TransferTaken(
    [property: Description("The bank's name for it.")] string BankReference,
    [property: Description("pending, success or failed.")] string Status);

/// <summary>The answer to <c>GET /transfers/{transaction_id}</c>.</summary>
internal sealed record TransferReply(
    long TransactionId,
    [property: Description("The bank's name for it.")] string BankReference,
    [property: Description("pending, success or failed.")] string Status,
    [property: Description("Why it failed.")] string? ErrorMessage);
