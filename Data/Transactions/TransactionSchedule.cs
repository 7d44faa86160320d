namespace Data.Transactions;

/// <summary>
/// When a transaction is processed and when its record is published again. Section <c>Processing</c>; the services that write rows and
/// the worker that processes them must be told the same.
/// </summary>
public sealed class TransactionSchedule
{
    /// <summary>The section's name.</summary>
    public const string Section = "Processing";

    /// <summary>The longest delay that makes sense: the workers hold what waits in memory.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>
    /// How long the relay leaves a transaction that is due to the record that Ingest.Api published: 30 s is far beyond any lateness of a
    /// worker that is well, so the relay publishes only what was lost.
    /// </summary>
    public static readonly TimeSpan RelayGrace = TimeSpan.FromSeconds(30);

    /// <summary>How long a transaction waits before it is processed: from its created_at, by the database's clock. Default 30 s.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its insertion a row without an outcome is the relay's.</summary>
    public TimeSpan RelayAfter => Delay + RelayGrace;

    /// <summary>Null when the options can be used, else what to write instead.</summary>
    public string? Fault => Delay >= TimeSpan.Zero && Delay <= MaxDelay
        ? null
        : $"Processing__Delay is {Delay}; it must be between 00:00:00 and {MaxDelay}, such as 00:00:30.";
}
