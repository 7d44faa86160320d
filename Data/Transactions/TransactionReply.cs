using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;
using Npgsql;

namespace Data.Transactions;

/// <summary>A transaction as its sender sees it: when it is read, in an event.</summary>
/// <param name="TransactionId">The sender's id.</param>
/// <param name="SourceAccount">Where the money comes from.</param>
/// <param name="DestinationAccount">Where the money goes.</param>
/// <param name="Amount">A decimal, as text, with the currency's own number of decimals.</param>
/// <param name="Currency">ISO 4217, upper case.</param>
/// <param name="Status">One of <see cref="TransactionStatus"/>.</param>
/// <param name="CreatedAt">When it was accepted, UTC.</param>
/// <param name="ProcessedAt">When its outcome was decided, UTC; null while PROCESSING.</param>
/// <param name="FailureReason">Only when FAILED: why, one sentence.</param>
[DisplayName("Transaction")]
public sealed record TransactionReply(
    [property: Description("The sender's id."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string TransactionId,
    [property: Description("Where the money comes from."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string SourceAccount,
    [property: Description("Where the money goes."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)] string DestinationAccount,
    [property: Description("A decimal, as text, with the currency's own number of decimals."), RegularExpression(Contracts.Currency.AmountPattern)]
    string Amount,
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("How far it is; PROCESSED and FAILED are final.")]
    [property: AllowedValues(TransactionStatus.Processing, TransactionStatus.Processed, TransactionStatus.Failed)] string Status,
    [property: Description("When it was accepted, UTC.")] DateTime CreatedAt,
    [property: Description("When its outcome was decided, UTC; null while PROCESSING.")] DateTime? ProcessedAt,
    [property: Description("Only when FAILED: why, one sentence."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? FailureReason)
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "transaction_id, source_account, destination_account, amount, currency, status, created_at, processed_at, failure_reason";

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":"150.50","currency":"USD",
         "status":"PROCESSED","created_at":"2024-01-15T10:30:00.123456Z","processed_at":"2024-01-15T10:30:30.130021Z"}
        """;

    /// <summary>Reads the current row of a statement that selects <see cref="Columns"/>.</summary>
    public static TransactionReply Read(NpgsqlDataReader row)
    {
        var currency = row.GetString(4);
        var status = row.GetString(5);
        return new(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2),
            Contracts.Currency.Format(row.GetDecimal(3), currency),
            currency,
            status,
            row.GetDateTime(6),
            row.TimeOrNull(7),
            // A failed attempt leaves its reason in the row too; it is not the outcome until the transaction has failed.
            status == TransactionStatus.Failed && !row.IsDBNull(8) ? row.GetString(8) : null);
    }

    /// <summary>Shows a row of the table.</summary>
    public static TransactionReply Of(Transaction row) => new(
        row.TransactionId,
        row.SourceAccount,
        row.DestinationAccount,
        Contracts.Currency.Format(row.Amount, row.Currency),
        row.Currency,
        row.Status,
        row.CreatedAt.UtcDateTime,
        row.ProcessedAt?.UtcDateTime,
        row.Status == TransactionStatus.Failed ? row.FailureReason : null);
}

/// <summary>Source-generated JSON of a transaction; snake_case, with every member.</summary>
[JsonSerializable(typeof(TransactionReply))]
public sealed partial class TransactionReplyJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static TransactionReplyJson Wire { get; } = new(WireJson.Options());
}
