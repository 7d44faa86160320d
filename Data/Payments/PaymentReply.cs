using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;

namespace Data.Payments;

/// <summary>
/// A payment as its owner sees it, the same wherever it is shown: when it is accepted, when it is read, in an event. It stands beside the
/// table because the services that answer it (Ingest.Api, Query.Api) do not use each other.
/// </summary>
/// <param name="Id">The payment's id.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Type">One of <see cref="PaymentType"/>.</param>
/// <param name="Status">One of <see cref="PaymentStatus"/>.</param>
/// <param name="Amount">A decimal, as text, with the currency's own number of decimals.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="BankReference">The bank's own name for it; null until it has told one.</param>
/// <param name="ErrorMessage">Why it failed, one sentence; otherwise null.</param>
/// <param name="Description">What the user wrote; null for nothing.</param>
/// <param name="CreatedAt">When it was accepted, UTC.</param>
/// <param name="UpdatedAt">When a caller could last see a change, UTC.</param>
/// <param name="ProcessedAt">When it was settled, UTC; null until then.</param>
public sealed record PaymentReply(
    [property: Description("Given by the service, from 1 on.")] long Id,
    [property: Description("Whose it is.")] long UserId,
    [property: Description("deposit or withdrawal.")] string Type,
    [property: Description("pending, processing, success or failed; the last two are final.")] string Status,
    [property: Description("A decimal, as text, with the currency's own number of decimals.")] string Amount,
    [property: Description("ISO 4217, upper case.")] string Currency,
    [property: Description("The bank's own name for it; null until it has told one.")] string? BankReference,
    [property: Description("Why it failed, one sentence; otherwise null.")] string? ErrorMessage,
    [property: Description("What the user wrote; null for nothing.")] string? Description,
    [property: Description("When it was accepted, UTC.")] DateTime CreatedAt,
    [property: Description("When its owner could last see a change, UTC.")] DateTime UpdatedAt,
    [property: Description("When it was settled, UTC; null until then.")] DateTime? ProcessedAt)
{
    /// <summary>The columns of <c>payments</c> that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, user_id, type, status, amount, currency, bank_reference, error_message, description, created_at, updated_at, processed_at";

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":123,"user_id":1,"type":"deposit","status":"success","amount":"250.00","currency":"USD","bank_reference":"DEP-0A1B2C3D4E5F",
         "error_message":null,"description":"Rent","created_at":"2026-01-15T10:30:00.123456Z","updated_at":"2026-01-15T10:30:05.130021Z",
         "processed_at":"2026-01-15T10:30:05.130021Z"}
        """;

    /// <summary>The row that the reader stands on, whose first columns are <see cref="Columns"/>.</summary>
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
            Text(row, 6),
            // The row also holds why the last attempt failed; callers see a reason only once the payment has failed for good.
            status == PaymentStatus.Failed ? Text(row, 7) : null,
            Text(row, 8),
            row.GetDateTime(9),
            row.GetDateTime(10),
            row.IsDBNull(11) ? null : row.GetDateTime(11));
    }

    /// <summary>The body of an answer with this payment, UTF-8: one form, so that an answer that is kept and given again is the same to the byte.</summary>
    public byte[] ToUtf8Json() => JsonSerializer.SerializeToUtf8Bytes(this, PaymentJson.Default.PaymentReply);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>Source-generated JSON of a payment. snake_case, every member always there.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PaymentReply))]
public sealed partial class PaymentJson : JsonSerializerContext;
