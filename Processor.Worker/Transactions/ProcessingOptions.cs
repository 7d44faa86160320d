using System.ComponentModel.DataAnnotations;
using Data.Transactions;

namespace Processor.Worker.Transactions;

/// <summary>How transactions are processed. Section <c>Processing</c>, shared with <see cref="TransactionSchedule"/>.</summary>
internal sealed class ProcessingOptions
{
    /// <summary>How long after created_at, by the database's clock, a transaction is processed.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where each transaction is POSTed when it is due; null: nowhere, and every one is PROCESSED when it is due.</summary>
    public Uri? Url { get; set; }

    /// <summary>How long <see cref="Url"/> may take to answer.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before the first retry; each further one is twice as long. 2 s: the n-th retry comes after 2^n s.</summary>
    public TimeSpan RetryBase { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a transaction waits after <see cref="Url"/> answered 3xx, 401, 403, 404, 405 or 407, which says that this setting is wrong, with 20 % jitter.
    /// </summary>
    public TimeSpan MisconfiguredWait { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a transaction is sent to <see cref="Url"/> before it is FAILED.</summary>
    [Range(1, 20, ErrorMessage = "Processing__MaxAttempts must be between 1 and 20.")]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// Requests to <see cref="Url"/> at a time, over all batches in flight. Batches are made small enough for it, so each ends within one time-out.
    /// </summary>
    [Range(1, 1_000, ErrorMessage = "Processing__MaxConcurrency must be between 1 and 1000 requests.")]
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>The most transactions in one batch, which is one UPDATE.</summary>
    [Range(1, 10_000, ErrorMessage = "Processing__MaxBatch must be between 1 and 10000 transactions.")]
    public int MaxBatch { get; set; } = 1_000;

    /// <summary>Batches in flight at a time, never two of one partition.</summary>
    [Range(1, 64, ErrorMessage = "Processing__MaxBatchesInFlight must be between 1 and 64.")]
    public int MaxBatchesInFlight { get; set; } = 4;

    /// <summary>How many transactions one worker holds until they are due; beyond that it stops reading the fullest partitions.</summary>
    [Range(1_000, 10_000_000, ErrorMessage = "Processing__MaxWaiting must be between 1000 and 10000000 transactions.")]
    public int MaxWaiting { get; set; } = 1_200_000;

    /// <summary>How long a due transaction waits for others to share its UPDATE.</summary>
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// How long a batch may take to end when its partitions are revoked or the worker stops: a call to <see cref="Url"/>, and its update,
    /// which takes milliseconds. The group waits meanwhile.
    /// </summary>
    public TimeSpan Patience => Timeout + TimeSpan.FromSeconds(2);
}
