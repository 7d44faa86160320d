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

    /// <summary>Commits in flight at a time, each on its own connection.</summary>
    [Range(1, 64, ErrorMessage = "Accept__Committers must be between 1 and 64.")]
    public int Committers { get; set; } = 3;
}
