using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;

namespace Data.Charges;

/// <summary>A charge as callers see it: when it is made, when it is read, in an event.</summary>
/// <param name="Id">A UUID.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="Status">One of <see cref="ChargeStatus"/>.</param>
/// <param name="PaymentMethod">One of <see cref="ChargeSource"/>; null when no source could be tried.</param>
/// <param name="WalletAmount">The wallet's part.</param>
/// <param name="ExternalAmount">The card's part.</param>
/// <param name="ExternalChargeId">Stripe's PaymentIntent; null without one.</param>
/// <param name="RefundedAmount">What has gone back.</param>
/// <param name="FailureCode">Why it failed; otherwise null.</param>
/// <param name="FailureMessage">The same in words; otherwise null.</param>
/// <param name="SplitInstructions">As they were sent; null without.</param>
/// <param name="Metadata">As it was sent.</param>
/// <param name="InstallmentId">The installment that it pays; null for none.</param>
/// <param name="InstallmentOrderId">The order of that installment; null for none.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When a visible member last changed, UTC; null until one does.</param>
[DisplayName("Charge")]
public sealed record ChargeReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("The customer."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
    [property: Description("The whole amount, with the currency's own decimals.")] ExactAmount Amount,
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("How far it is; succeeded and failed are final.")]
    [property: AllowedValues(ChargeStatus.Pending, ChargeStatus.Succeeded, ChargeStatus.Failed)] string Status,
    [property: Description("wallet, external (a card, by Stripe) or mixed; null when no source could be tried.")] string? PaymentMethod,
    [property: Description("The wallet's part.")] ExactAmount WalletAmount,
    [property: Description("The card's part.")] ExactAmount ExternalAmount,
    [property: Description("Stripe's PaymentIntent; null without one.")] string? ExternalChargeId,
    [property: Description("What has gone back.")] ExactAmount RefundedAmount,
    [property: Description("Why it failed: Stripe's code, or one of ours; otherwise null.")] string? FailureCode,
    [property: Description("The same in words; otherwise null.")] string? FailureMessage,
    [property: Description("As they were sent; null without.")] KeptJson? SplitInstructions,
    [property: Description("As it was sent.")] KeptJson Metadata,
    [property: Description("The installment that it pays; null for none.")] Guid? InstallmentId,
    [property: Description("The order of that installment; null for none.")] Guid? InstallmentOrderId,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt,
    [property: Description("When a visible member last changed, UTC; null until one does.")] DateTime? UpdatedAt)
{
    /// <summary>Shows a row of the table.</summary>
    public static ChargeReply Of(Charge row) => new(
        row.Id, row.CustomerId, ExactAmount.Of(row.Amount, row.Currency), row.Currency, row.Status, row.PaymentMethod,
        ExactAmount.Of(row.WalletAmount, row.Currency), ExactAmount.Of(row.ExternalAmount, row.Currency), row.ExternalChargeId,
        ExactAmount.Of(row.RefundedAmount, row.Currency), row.FailureCode, row.FailureMessage,
        row.SplitInstructions is { } split ? new KeptJson(split) : null, new KeptJson(row.Metadata), row.InstallmentId, row.InstallmentOrderId,
        row.CreatedAt.UtcDateTime, row.UpdatedAt?.UtcDateTime);

    /// <summary>An example for the documents: a charge that took 100 from the wallet and 30 from the card.</summary>
    public const string Example =
        """
        {"id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f","customer_id":"cust_42","amount":130.00,"currency":"USD","status":"succeeded","payment_method":"mixed",
         "wallet_amount":100.00,"external_amount":30.00,"external_charge_id":"pi_3PqRsT","refunded_amount":0.00,"failure_code":null,"failure_message":null,
         "split_instructions":null,"metadata":{},"installment_id":null,"installment_order_id":null,
         "created_at":"2026-01-15T10:30:00.123456Z","updated_at":"2026-01-15T10:30:00.654321Z"}
        """;
}

/// <summary>A refund as callers see it.</summary>
/// <param name="Id">A UUID.</param>
/// <param name="ChargeId">The charge.</param>
/// <param name="Amount">The whole amount.</param>
/// <param name="WalletAmount">The part that goes back to the wallet.</param>
/// <param name="ExternalAmount">The part that goes back to the card.</param>
/// <param name="Status">One of <see cref="RefundStatus"/>.</param>
/// <param name="Reason">The caller's reason; null without one.</param>
/// <param name="FailureMessage">Why it failed; otherwise null.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
[DisplayName("Refund")]
public sealed record RefundReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("The charge.")] Guid ChargeId,
    [property: Description("The whole amount.")] ExactAmount Amount,
    [property: Description("The part that goes back to the wallet.")] ExactAmount WalletAmount,
    [property: Description("The part that goes back to the card.")] ExactAmount ExternalAmount,
    [property: Description("How far it is; succeeded and failed are final.")]
    [property: AllowedValues(RefundStatus.Pending, RefundStatus.Succeeded, RefundStatus.Failed)] string Status,
    [property: Description("The caller's reason; null without one.")] string? Reason,
    [property: Description("Why it failed; otherwise null.")] string? FailureMessage,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt)
{
    /// <summary>Shows a row of the table.</summary>
    /// <param name="row">The refund.</param>
    /// <param name="currency">The charge's currency.</param>
    public static RefundReply Of(Refund row, string currency) => new(
        row.Id, row.ChargeId, ExactAmount.Of(row.Amount, currency), ExactAmount.Of(row.WalletAmount, currency),
        ExactAmount.Of(row.ExternalAmount, currency), row.Status, row.Reason, row.FailureMessage, row.CreatedAt.UtcDateTime);

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":"019a6f40-1111-7c3d-9e4f-0a1b2c3d4e5f","charge_id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f","amount":50.00,"wallet_amount":20.00,
         "external_amount":30.00,"status":"succeeded","reason":"requested_by_customer","failure_message":null,"created_at":"2026-01-15T10:35:00.123456Z"}
        """;
}

/// <summary>Source-generated JSON of charges and refunds; snake_case, with every member.</summary>
[JsonSerializable(typeof(ChargeReply))]
[JsonSerializable(typeof(RefundReply))]
[JsonSerializable(typeof(List<ChargeReply>))]
[JsonSerializable(typeof(List<RefundReply>))]
public sealed partial class ChargeJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static ChargeJson Wire { get; } = new(WireJson.Options());
}
