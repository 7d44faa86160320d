using Data.Transactions;

namespace Processor.Worker.Transactions;

/// <summary>The outcome of a transaction that was due.</summary>
/// <param name="Id">The transaction_id.</param>
/// <param name="Status">One of <see cref="TransactionStatus"/>; PROCESSING: it is tried again.</param>
/// <param name="Reason">Why it FAILED or is tried again, one sentence.</param>
/// <param name="RetryAfter">For PROCESSING: when the relay publishes it again, from now on.</param>
/// <param name="IsCounted">Whether this was an attempt, of which there are <c>Processing__MaxAttempts</c>.</param>
internal readonly record struct Outcome(string Id, string Status, string? Reason = null, TimeSpan RetryAfter = default, bool IsCounted = true)
{
    public static Outcome Processed(string id) => new(id, TransactionStatus.Processed, IsCounted: false);

    public static Outcome Failed(string id, string reason) => new(id, TransactionStatus.Failed, reason);

    public static Outcome Retry(string id, string reason, TimeSpan after) => new(id, TransactionStatus.Processing, reason, after);

    /// <summary>Nothing is wrong with the transaction: our settings are, so it loses no attempt.</summary>
    public static Outcome Keep(string id, string reason, TimeSpan after) => new(id, TransactionStatus.Processing, reason, after, IsCounted: false);
}

/// <summary>Processes transactions that are due.</summary>
internal interface ITransactionProcessor
{
    /// <summary>The most transactions it takes at a time.</summary>
    int MaxBatch { get; }

    /// <summary>Whether it writes each transaction's span itself, around its work; else the update's span stands for it.</summary>
    bool WritesSpans { get; }

    /// <summary>
    /// Processes transactions. It leaves out one that must not be processed: not due yet by the database's clock, processed before, or unknown. Throws only
    /// what the database throws; then nothing is recorded, and it is called again.
    /// </summary>
    Task<IReadOnlyList<Outcome>> ProcessAsync(IReadOnlyList<WaitingRecord> records, CancellationToken cancellationToken);
}

/// <summary>Without <c>Processing__Url</c> every transaction that is due is PROCESSED.</summary>
internal sealed class ProcessEverything(int maxBatch) : ITransactionProcessor
{
    public int MaxBatch => maxBatch;

    public bool WritesSpans => false;

    public Task<IReadOnlyList<Outcome>> ProcessAsync(IReadOnlyList<WaitingRecord> records, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Outcome>>([.. records.Select(record => Outcome.Processed(record.Id))]);
}
