using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Transactions;

/// <summary>A transaction.</summary>
internal sealed record Transaction(
    string TransactionId, string SourceAccount, string DestinationAccount, string Amount, string Currency, string Status, DateTimeOffset CreatedAt,
    DateTimeOffset? ProcessedAt, string? FailureReason);

/// <summary>A page of transactions.</summary>
internal sealed record TransactionPage(IReadOnlyList<Transaction> Data, string? NextCursor);

/// <summary>Source-generated JSON of transactions; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TransactionPage))]
[JsonSerializable(typeof(List<Transaction>))]
internal sealed partial class TransactionJson : JsonSerializerContext;
