using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Wallets;

/// <summary>A customer's wallet.</summary>
internal sealed record Wallet(
    string Id, string CustomerId, decimal Balance, string Currency, bool IsActive, DateTimeOffset CreatedAt, DateTimeOffset? UpdatedAt);

/// <summary>What a credit answers.</summary>
internal sealed record WalletCredit(string Message, decimal NewBalance, Wallet Wallet);

/// <summary>A line of a wallet's statement.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TransactionType">Credit or debit.</param>
/// <param name="Amount">How much.</param>
/// <param name="Description">What for.</param>
/// <param name="ReferenceId">The charge; null for none.</param>
/// <param name="BalanceBefore">What was in the wallet before.</param>
/// <param name="BalanceAfter">What was in it after.</param>
/// <param name="CreatedAt">When the money moved.</param>
public sealed record LedgerLine(
    string Id, string TransactionType, decimal Amount, string Description, string? ReferenceId, decimal BalanceBefore, decimal BalanceAfter,
    DateTimeOffset CreatedAt)
{
    /// <summary>Whether money came in.</summary>
    public bool IsCredit => TransactionType == "credit";
}

/// <summary>Source-generated JSON of wallets; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<Wallet>))]
[JsonSerializable(typeof(Wallet))]
[JsonSerializable(typeof(WalletCredit))]
[JsonSerializable(typeof(List<LedgerLine>))]
internal sealed partial class WalletJson : JsonSerializerContext;
