using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;

namespace Data.Installments;

/// <summary>An installment order as callers see it.</summary>
/// <param name="Id">A UUID.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">The sum of its installments.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="InstallmentCount">How many installments there are.</param>
/// <param name="InstallmentAmount">The amount of each; where they differ, the smallest.</param>
/// <param name="Status">One of <see cref="OrderStatus"/>.</param>
/// <param name="TimeZone">The time zone in which its due dates begin.</param>
/// <param name="SplitInstructions">As they were sent; null without.</param>
/// <param name="Metadata">As it was sent.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When a visible member last changed, UTC; null until one does.</param>
/// <param name="Installments">All of them, by their number.</param>
[DisplayName("InstallmentOrder")]
public sealed record OrderReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("The customer."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string CustomerId,
    [property: Description("The sum of its installments.")] ExactAmount Amount,
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("How many installments there are.")] int InstallmentCount,
    [property: Description("The amount of each; where they differ, the smallest.")] ExactAmount InstallmentAmount,
    [property: Description("How far it is; completed, failed and cancelled are final.")]
    [property: AllowedValues(OrderStatus.Pending, OrderStatus.Active, OrderStatus.Completed, OrderStatus.Failed, OrderStatus.Cancelled)] string Status,
    [property: Description("The IANA time zone in which its due dates begin.")] string TimeZone,
    [property: Description("As they were sent; null without.")] KeptJson? SplitInstructions,
    [property: Description("As it was sent.")] KeptJson Metadata,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt,
    [property: Description("When a visible member last changed, UTC; null until one does.")] DateTime? UpdatedAt,
    [property: Description("All of them, by their number.")] IReadOnlyList<InstallmentReply> Installments)
{
    /// <summary>Shows a row of the table with its installments.</summary>
    /// <param name="row">The order.</param>
    /// <param name="installments">Its installments, in any order.</param>
    public static OrderReply Of(InstallmentOrder row, IEnumerable<Installment> installments) => new(
        row.Id, row.CustomerId, ExactAmount.Of(row.Amount, row.Currency), row.Currency, row.InstallmentCount,
        ExactAmount.Of(row.InstallmentAmount, row.Currency), row.Status, row.TimeZone,
        row.SplitInstructions is { } split ? new KeptJson(split) : null, new KeptJson(row.Metadata), row.CreatedAt.UtcDateTime, row.UpdatedAt?.UtcDateTime,
        [.. installments.OrderBy(installment => installment.Number).Select(installment => InstallmentReply.Of(installment, row.Currency))]);

    /// <summary>An example for the documents.</summary>
    public const string Example =
        $$"""
        {"id":"019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f","customer_id":"cust_42","amount":90.00,"currency":"USD","installment_count":1,"installment_amount":90.00,
         "status":"active","time_zone":"UTC","split_instructions":null,"metadata":{},"created_at":"2026-01-15T10:30:00.123456Z","updated_at":null,
         "installments":[{{InstallmentReply.Example}}]}
        """;
}

/// <summary>An installment as callers see it.</summary>
/// <param name="Id">A UUID.</param>
/// <param name="OrderId">The order.</param>
/// <param name="InstallmentNumber">Its place in the order, from 1.</param>
/// <param name="Amount">In the order's currency.</param>
/// <param name="DueDate">A date in the order's time zone.</param>
/// <param name="Status">One of <see cref="InstallmentStatus"/>.</param>
/// <param name="ChargeId">The charge of the last attempt; null before the first.</param>
/// <param name="Attempts">How many charges were made for it.</param>
/// <param name="NextAttemptAt">When it is charged, UTC; null when it is not to be.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When a visible member last changed, UTC; null until one does.</param>
[DisplayName("Installment")]
public sealed record InstallmentReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("The order.")] Guid OrderId,
    [property: Description("Its place in the order, from 1.")] int InstallmentNumber,
    [property: Description("In the order's currency.")] ExactAmount Amount,
    [property: Description("A date in the order's time zone.")] DateOnly DueDate,
    [property: Description("How far it is; paid, failed and cancelled are final.")]
    [property: AllowedValues(InstallmentStatus.Pending, InstallmentStatus.Processing, InstallmentStatus.Paid, InstallmentStatus.Overdue,
        InstallmentStatus.Failed, InstallmentStatus.Cancelled)] string Status,
    [property: Description("The charge of the last attempt; null before the first.")] Guid? ChargeId,
    [property: Description("How many charges were made for it.")] int Attempts,
    [property: Description("When it is charged, UTC; null when it is not to be.")] DateTime? NextAttemptAt,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt,
    [property: Description("When a visible member last changed, UTC; null until one does.")] DateTime? UpdatedAt)
{
    /// <summary>Shows a row of the table.</summary>
    /// <param name="row">The installment.</param>
    /// <param name="currency">The order's currency.</param>
    public static InstallmentReply Of(Installment row, string currency) => new(
        row.Id, row.OrderId, row.Number, ExactAmount.Of(row.Amount, currency), row.DueDate, row.Status, row.ChargeId, row.Attempts,
        row.NextAttemptAt?.UtcDateTime, row.CreatedAt.UtcDateTime, row.UpdatedAt?.UtcDateTime);

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":"019a6f50-3333-7c3d-9e4f-0a1b2c3d4e5f","order_id":"019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f","installment_number":1,"amount":90.00,
         "due_date":"2026-02-15","status":"pending","charge_id":null,"attempts":0,"next_attempt_at":"2026-02-15T00:00:00Z",
         "created_at":"2026-01-15T10:30:00.123456Z","updated_at":null}
        """;
}

/// <summary>Source-generated JSON of orders and installments; snake_case, with every member.</summary>
[JsonSerializable(typeof(OrderReply))]
[JsonSerializable(typeof(InstallmentReply))]
[JsonSerializable(typeof(List<OrderReply>))]
[JsonSerializable(typeof(List<InstallmentReply>))]
public sealed partial class InstallmentJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static InstallmentJson Wire { get; } = new(WireJson.Options());
}
