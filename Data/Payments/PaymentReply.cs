using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Contracts;
using Npgsql;

namespace Data.Payments;

/// <summary>
/// A payment as its owner sees it: when it is accepted, when it is read, in an event. It is here because Ingest.Api and Query.Api, which send it,
/// do not use each other.
/// </summary>
/// <param name="Id">The payment's id.</param>
/// <param name="UserId">The user.</param>
/// <param name="Type">One of <see cref="PaymentType"/>.</param>
/// <param name="Status">One of <see cref="PaymentStatus"/>.</param>
/// <param name="Amount">A decimal, as text, with the currency's own number of decimals.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="BankReference">The bank's reference; null until it is known.</param>
/// <param name="ErrorMessage">Why it failed, one sentence; otherwise null.</param>
/// <param name="Description">The user's text; null without one.</param>
/// <param name="CreatedAt">When it was accepted, UTC.</param>
/// <param name="UpdatedAt">When a visible member last changed, UTC.</param>
/// <param name="ProcessedAt">When it was settled, UTC; null until then.</param>
[DisplayName("Payment")]
public sealed record PaymentReply(
    [property: Description("Assigned by the service, from 1.")] long Id,
    [property: Description("The user.")] long UserId,
    [property: Description("Which way the money goes."), AllowedValues(PaymentType.Deposit, PaymentType.Withdrawal)] string Type,
    [property: Description("How far it is; success and failed are final.")]
    [property: AllowedValues(PaymentStatus.Pending, PaymentStatus.Processing, PaymentStatus.Success, PaymentStatus.Failed)] string Status,
    [property: Description("A decimal, as text, with the currency's own number of decimals."), RegularExpression(Contracts.Currency.AmountPattern)]
    string Amount,
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("The bank's reference; null until it is known.")] string? BankReference,
    [property: Description("Why it failed, one sentence; otherwise null.")] string? ErrorMessage,
    [property: Description("The user's text; null without one.")] string? Description,
    [property: Description("When it was accepted, UTC.")] DateTime CreatedAt,
    [property: Description("When a visible member last changed, UTC.")] DateTime UpdatedAt,
    [property: Description("When it was settled, UTC; null until then.")] DateTime? ProcessedAt)
{
    /// <summary>The columns of <c>payments</c> that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, user_id, type, status, amount, currency, bank_reference, error_message, description, created_at, updated_at, processed_at";

    /// <summary>An example for the documents: what a payment of this type looks like with this status.</summary>
    public static string ExampleOf(string type, string status)
    {
        var isNew = status == PaymentStatus.Pending;
        return $$"""
            {"id":123,"user_id":1,"type":"{{type}}","status":"{{status}}","amount":"250.00","currency":"USD",
             "bank_reference":{{(isNew ? "null" : type == PaymentType.Deposit ? "\"DEP-0A1B2C3D4E5F\"" : "\"WTH-0A1B2C3D4E5F\"")}},
             "error_message":null,"description":"Rent","created_at":"2026-01-15T10:30:00.123456Z",
             "updated_at":{{(isNew ? "\"2026-01-15T10:30:00.123456Z\"" : Settled)}},"processed_at":{{(isNew ? "null" : Settled)}}}
            """;
    }

    /// <summary>Reads the current row of a statement whose first columns are <see cref="Columns"/>.</summary>
    public static PaymentReply Read(NpgsqlDataReader row)
    {
        var status = row.GetString(3);
        var currency = row.GetString(5);
        return new(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetString(2),
            status,
            Contracts.Currency.Format(row.GetDecimal(4), currency),
            currency,
            row.TextOrNull(6),
            // A failed attempt may leave its reason in the row; it is not shown until the payment has failed.
            status == PaymentStatus.Failed ? row.TextOrNull(7) : null,
            row.TextOrNull(8),
            row.GetDateTime(9),
            row.GetDateTime(10),
            row.TimeOrNull(11));
    }

    /// <summary>Shows a row of the table.</summary>
    public static PaymentReply Of(Payment row) => new(
        row.Id,
        row.UserId,
        row.Type,
        row.Status,
        Contracts.Currency.Format(row.Amount, row.Currency),
        row.Currency,
        row.BankReference,
        row.Status == PaymentStatus.Failed ? row.ErrorMessage : null,
        row.Description,
        row.CreatedAt.UtcDateTime,
        row.UpdatedAt.UtcDateTime,
        row.ProcessedAt?.UtcDateTime);

    /// <summary>The body of a response with this payment, UTF-8, always in the same form, so that a stored response is repeated byte for byte.</summary>
    public byte[] ToUtf8Json() => JsonSerializer.SerializeToUtf8Bytes(this, PaymentJson.Wire.PaymentReply);

    private const string Settled = "\"2026-01-15T10:30:05.130021Z\"";
}

/// <summary>Source-generated JSON of a payment; snake_case, with every member.</summary>
[JsonSerializable(typeof(PaymentReply))]
public sealed partial class PaymentJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static PaymentJson Wire { get; } = new(WireJson.Options());
}
