using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Threading.Channels;

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

    /// <summary>Invalid members -> messages; empty when the request is valid.</summary>
    public Dictionary<string, string[]> Faults()
    {
        var faults = new Dictionary<string, string[]>();
        if (TransactionId <= 0) faults["transaction_id"] = ["must be a positive whole number."];
        if (Type is not ("deposit" or "withdrawal")) faults["type"] = ["must be deposit or withdrawal."];
        if (!(decimal.TryParse(Amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount > 0))
            faults["amount"] = ["must be a decimal string above zero, such as \"250.00\"."];
        if (Currency is not { Length: 3 } || !Currency.All(char.IsAsciiLetterUpper)) faults["currency"] = ["must be three capital letters, such as USD."];
        if (CallbackUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https"))
            faults["callback_url"] = ["must be an absolute http or https URL."];
        return faults;
    }
}

/// <summary>A transfer that the bank has recorded. It changes once, from pending to its result.</summary>
internal sealed class Transfer(TransferRequest request, string idempotencyKey, TransferPlan plan, string bankReference)
{
    public const string Pending = "pending";
    public const string Success = "success";
    public const string Failed = "failed";

    public TransferRequest Request { get; } = request;

    public string IdempotencyKey { get; } = idempotencyKey;

    public TransferPlan Plan { get; } = plan;

    public string BankReference { get; } = bankReference;

    public bool IsSettled { get; set; }

    public string Result => Plan.Execution?.Refusal is null ? Success : Failed;

    public string? ResultMessage => Plan.Execution?.Refusal?.Detail;

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

/// <summary>
/// Every transfer that the bank has accepted or refused, in memory for the life of the process: a restarted bank knows none of them.
/// </summary>
internal sealed class Books(Random random)
{
    private const long References = 1L << 48;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Transfer> _byId = [];
    private readonly Channel<Transfer> _taken = Channel.CreateUnbounded<Transfer>();

    /// <summary>Accepted transfers, in the order of their arrival.</summary>
    public ChannelReader<Transfer> Taken => _taken.Reader;

    /// <summary>Records a request, or finds the one that it repeats.</summary>
    /// <returns>
    /// Null when the transaction is recorded with other content or another key. Otherwise the transfer; it is recorded unless nothing was done, so
    /// that a repeated request can have another result.
    /// </returns>
    public (Transfer? Transfer, bool IsNew) Enter(TransferRequest request, string idempotencyKey, BankBehaviour behaviour)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(request.TransactionId, out var known))
                return (known.Request == request && known.IdempotencyKey == idempotencyKey ? known : null, false);

            var plan = TransferPlan.Of(behaviour, request.IsWithdrawal, random);
            var reference = $"{(request.IsWithdrawal ? "WTH" : "DEP")}-{random.NextInt64(References):X12}";
            var transfer = new Transfer(request, idempotencyKey, plan, reference);
            if (plan.Execution is not null || plan.Refusal is not null) _byId[request.TransactionId] = transfer;
            if (plan.Execution is not null) _taken.Writer.TryWrite(transfer);
            return (transfer, true);
        }
    }

    /// <summary>Finds a transfer that was accepted; one that was refused at once was not.</summary>
    public bool TryFind(long transactionId, [NotNullWhen(true)] out Transfer? transfer)
    {
        lock (_gate) return _byId.TryGetValue(transactionId, out transfer) && transfer.Plan.Execution is not null;
    }

    /// <summary>Records the result.</summary>
    public void Settle(Transfer transfer)
    {
        lock (_gate) transfer.IsSettled = true;
    }
}
