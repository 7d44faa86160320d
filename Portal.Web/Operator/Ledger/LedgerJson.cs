using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Ledger;

/// <summary>Something that does not add up.</summary>
/// <param name="AccountId">The account; null where it is no account's.</param>
/// <param name="Owner">The account's owner, such as <c>wallet:cust_42</c>.</param>
/// <param name="Kind">The account's kind.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Expected">What the figure should be.</param>
/// <param name="Actual">What it is.</param>
/// <param name="What">One sentence.</param>
public sealed record LedgerDifference(long? AccountId, string? Owner, string? Kind, string? Currency, string? Expected, string? Actual, string What);

/// <summary>The result of a check of the ledger.</summary>
/// <param name="CheckedAt">When it began.</param>
/// <param name="Accounts">How many accounts were checked.</param>
/// <param name="Transfers">How many transfers.</param>
/// <param name="DifferenceCount">How many differences there are.</param>
/// <param name="Differences">The first of them.</param>
public sealed record LedgerReport(
    DateTimeOffset CheckedAt, long Accounts, long Transfers, int DifferenceCount, IReadOnlyList<LedgerDifference> Differences);

/// <summary>Source-generated JSON of the check; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LedgerReport))]
internal sealed partial class LedgerJson : JsonSerializerContext;
