using System.ComponentModel.DataAnnotations;

namespace Ingest.Api.Transactions;

/// <summary>How webhooks are gathered into commits. Section <c>Accept</c>.</summary>
internal sealed class AcceptOptions
{
    public const string Section = "Accept";

    /// <summary>
    /// How many webhooks may wait for their commit; what comes beyond is answered 503 at once. 2,000 are 0.2 s of work at 10,000 a second:
    /// who is let in is answered well within the half second after which senders give up.
    /// </summary>
    [Range(1, 1_000_000, ErrorMessage = "Accept__QueueCapacity must be between 1 and 1000000 webhooks.")]
    public int QueueCapacity { get; set; } = 2_000;

    /// <summary>The most webhooks in one commit.</summary>
    [Range(1, 10_000, ErrorMessage = "Accept__MaxBatch must be between 1 and 10000 webhooks.")]
    public int MaxBatch { get; set; } = 500;

    /// <summary>How many webhooks must wait for a commit to begin beside one that is in flight. When none is, one is enough.</summary>
    [Range(1, 10_000, ErrorMessage = "Accept__WorthACommit must be between 1 and 10000 webhooks.")]
    public int WorthACommit { get; set; } = 32;

    /// <summary>Commits in flight at a time, each on its own connection.</summary>
    [Range(1, 64, ErrorMessage = "Accept__Committers must be between 1 and 64.")]
    public int Committers { get; set; } = 3;

    /// <summary>
    /// How long a statement may take before its webhooks are answered 503 and the database counts as away. A commit takes milliseconds, a
    /// checkpoint on a slow disk a second or two; Npgsql's own 30 s would keep senders waiting long after they have given up.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "Accept__CommitTimeout must be between 00:00:00.1 and 00:05:00, such as 00:00:05.")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A record that the broker has not acknowledged by then is the relay's. Short, so that a broker that is away for long does not leave
    /// 100,000 records in memory; long enough for a leader election.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true,
        ErrorMessage = "Accept__DeliveryTimeout must be between 00:00:00.1 and 01:00:00, such as 00:00:30.")]
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
