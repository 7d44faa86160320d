using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Installments;

/// <summary>An installment of an order.</summary>
/// <param name="Id">Its id.</param>
/// <param name="InstallmentNumber">Its place in the order, from 1.</param>
/// <param name="Amount">In the order's currency.</param>
/// <param name="DueDate">In the order's time zone.</param>
/// <param name="Status">How far it is.</param>
/// <param name="ChargeId">The charge of the last attempt; null before the first.</param>
/// <param name="Attempts">How many charges were made for it.</param>
/// <param name="NextAttemptAt">When it is charged; null when it is not to be.</param>
public sealed record Installment(
    string Id, int InstallmentNumber, decimal Amount, DateOnly DueDate, string Status, string? ChargeId, int Attempts, DateTimeOffset? NextAttemptAt)
{
    /// <summary>Whether it may be charged now.</summary>
    [JsonIgnore]
    public bool IsOpen => Status is "pending" or "overdue";
}

/// <summary>An order of installments.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Amount">The sum of its installments.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="InstallmentCount">How many there are.</param>
/// <param name="InstallmentAmount">The smallest of them.</param>
/// <param name="Status">How far it is.</param>
/// <param name="TimeZone">Where its due dates begin.</param>
/// <param name="SplitInstructions">As they were sent.</param>
/// <param name="Metadata">As it was sent.</param>
/// <param name="Dunning">The days after which a soft failure is tried again; null where the API does not say.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="Installments">All of them, by their number.</param>
public sealed record InstallmentOrder(
    string Id, string CustomerId, decimal Amount, string Currency, int InstallmentCount, decimal InstallmentAmount, string Status, string? TimeZone,
    JsonElement? SplitInstructions, JsonElement? Metadata, JsonElement? Dunning, DateTimeOffset CreatedAt, DateTimeOffset? UpdatedAt,
    IReadOnlyList<Installment> Installments)
{
    /// <summary>How many are paid.</summary>
    [JsonIgnore]
    public int PaidCount => Installments.Count(installment => installment.Status == "paid");

    /// <summary>Whether it may still be cancelled.</summary>
    [JsonIgnore]
    public bool IsOpen => Status is "pending" or "active";
}

/// <summary>What changing an order answers.</summary>
internal sealed record ChangedOrder(string Message, InstallmentOrder Order);

/// <summary>What charging an installment answers.</summary>
internal sealed record ProcessedInstallment(string Message, Installment Installment);

/// <summary>Source-generated JSON of installments; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<InstallmentOrder>))]
[JsonSerializable(typeof(InstallmentOrder))]
[JsonSerializable(typeof(ChangedOrder))]
[JsonSerializable(typeof(ProcessedInstallment))]
internal sealed partial class OrderJson : JsonSerializerContext;
