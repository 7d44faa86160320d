using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Web.Operator.Overview;

/// <summary>What <c>GET /admin/stats</c> answers, but for when it was read: figures that are the same are then equal.</summary>
internal sealed record Stats(
    int Workers, int Partitions, IReadOnlyList<WorkRow> Work, IReadOnlyDictionary<string, long> DeadLetters, Counts Transactions, Counts Payments,
    Counts Charges, Counts Installments, Counts Webhooks, IReadOnlyList<Moved> Moved, IReadOnlyList<Bucket> Series)
{
    /// <summary>How they are read of a window.</summary>
    public static string PathOf(string window) => $"/admin/stats?window={window}";

    /// <summary>What is equal for equal figures.</summary>
    public string Fingerprint() => Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, StatsJson.Default.Stats)));
}

/// <summary>What is behind in a table of work. Public because a component takes it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Topic">Its topic; null where workers poll.</param>
/// <param name="Lag">Records behind the committed offsets.</param>
/// <param name="Waiting">Records that workers hold until they are due.</param>
/// <param name="Overdue">Rows that are due and that nobody has taken.</param>
/// <param name="OldestDueSeconds">For how long the oldest has been due.</param>
public sealed record WorkRow(string Table, string? Topic, long Lag, long Waiting, int Overdue, double OldestDueSeconds);

/// <summary>Counts of one kind of thing.</summary>
internal sealed record Counts(
    long Total, IReadOnlyDictionary<string, long> ByStatus, double PerSecond, double? SuccessShare, double OldestPendingSeconds)
{
    /// <summary>How many failed, however the kind writes it.</summary>
    public long Failed => ByStatus.FirstOrDefault(status => status.Key.Equals("failed", StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>Money that moved in a currency: texts with its own decimals.</summary>
internal sealed record Moved(string Currency, string Deposited, string Withdrawn);

/// <summary>A bucket of the series.</summary>
internal sealed record Bucket(
    DateTimeOffset At, long Transactions, long TransactionsFailed, long Payments, long PaymentsFailed, long Charges, long ChargesFailed, long Webhooks,
    long WebhooksFailed);

/// <summary>Source-generated JSON of the figures; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Stats))]
internal sealed partial class StatsJson : JsonSerializerContext;
