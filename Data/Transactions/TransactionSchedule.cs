namespace Data.Transactions;

/// <summary>
/// When a transaction is processed and when its record is published again. Section <c>Processing</c>; the services that write rows and
/// the worker that processes them need the same values.
/// </summary>
public sealed class TransactionSchedule
{
    /// <summary>The section's name.</summary>
    public const string Section = "Processing";

    /// <summary>The longest delay: workers keep waiting transactions in memory.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);

    /// <summary>
    /// How long the relay waits for the outcome of a due transaction: 30 s is far more than the lateness of a healthy worker, so the relay publishes
    /// only what was lost. The trigger that fills <see cref="TransactionOutbox"/> knows it too.
    /// </summary>
    public static readonly TimeSpan RelayGrace = TimeSpan.FromSeconds(30);

    /// <summary>The time from a transaction's created_at, by the database's clock, to its processing. Default 30 s.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time from its insertion after which the relay publishes a row without an outcome.</summary>
    public TimeSpan RelayAfter => Delay + RelayGrace;

    /// <summary>Null when the options are valid, otherwise what to write instead.</summary>
    public string? Fault => Delay >= TimeSpan.Zero && Delay <= MaxDelay
        ? null
        : $"Processing__Delay is {Delay}; it must be between 00:00:00 and {MaxDelay}, such as 00:00:30.";
}
