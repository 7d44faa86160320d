using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Charges;

/// <summary>A charge.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Status">Pending, succeeded or failed.</param>
/// <param name="PaymentMethod">Wallet, external or mixed; null when no source could be tried.</param>
/// <param name="WalletAmount">The wallet's part.</param>
/// <param name="ExternalAmount">The card's part.</param>
/// <param name="ExternalChargeId">Stripe's PaymentIntent.</param>
/// <param name="RefundedAmount">What has gone back.</param>
/// <param name="FailureCode">Why it failed.</param>
/// <param name="FailureMessage">The same in words.</param>
/// <param name="SplitInstructions">As they were sent.</param>
/// <param name="Metadata">As it was sent.</param>
/// <param name="InstallmentId">The installment that it pays.</param>
/// <param name="InstallmentOrderId">The order of that installment.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record Charge(
    string Id, string CustomerId, decimal Amount, string Currency, string Status, string? PaymentMethod, decimal WalletAmount, decimal ExternalAmount,
    string? ExternalChargeId, decimal RefundedAmount, string? FailureCode, string? FailureMessage, JsonElement? SplitInstructions, JsonElement? Metadata,
    string? InstallmentId, string? InstallmentOrderId, DateTimeOffset CreatedAt, DateTimeOffset? UpdatedAt)
{
    /// <summary>What may still go back.</summary>
    [JsonIgnore]
    public decimal LeftToRefund => Status == "succeeded" ? Amount - RefundedAmount : 0;
}

/// <summary>A refund.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="WalletAmount">The part that goes to the wallet.</param>
/// <param name="ExternalAmount">The part that goes to the card.</param>
/// <param name="Status">Pending, succeeded or failed.</param>
/// <param name="Reason">The caller's reason.</param>
/// <param name="FailureMessage">Why it failed.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record Refund(
    string Id, decimal Amount, decimal WalletAmount, decimal ExternalAmount, string Status, string? Reason, string? FailureMessage, DateTimeOffset CreatedAt);

/// <summary>Source-generated JSON of charges; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<Charge>))]
[JsonSerializable(typeof(Charge))]
[JsonSerializable(typeof(List<Refund>))]
[JsonSerializable(typeof(Refund))]
internal sealed partial class ChargeJson : JsonSerializerContext;
