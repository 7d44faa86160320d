using Data.Transactions;

namespace Processor.Worker.Transactions;

/// <summary>What became of a transaction that was due.</summary>
/// <param name="Id">The transaction_id.</param>
/// <param name="Status">One of <see cref="TransactionStatus"/>; PROCESSING: it is tried again.</param>
/// <param name="Reason">Why it FAILED, one sentence.</param>
/// <param name="RetryAfter">For PROCESSING: when the relay publishes it again.</param>
internal readonly record struct Outcome(string Id, string Status, string? Reason = null, TimeSpan RetryAfter = default)
{
    public static Outcome Processed(string id) => new(id, TransactionStatus.Processed);

    public static Outcome Failed(string id, string reason) => new(id, TransactionStatus.Failed, reason);

    public static Outcome Retry(string id, string reason, TimeSpan after) => new(id, TransactionStatus.Processing, reason, after);
}

/// <summary>Does what is to be done with transactions when they are due.</summary>
internal interface ITransactionProcessor
{
    /// <summary>The most transactions it takes at a time.</summary>
    int MaxBatch { get; }

    /// <summary>Whether it writes the span of each transaction itself, around what it does; else the update's stands for it.</summary>
    bool WritesSpans { get; }

    /// <summary>
    /// Processes transactions. One that it leaves out was not to be processed: not due yet by the database's clock, done before, or
    /// unknown. The database being away is the one exception it throws; nothing is recorded then, and it is asked again.
    /// </summary>
    Task<IReadOnlyList<Outcome>> ProcessAsync(IReadOnlyList<WaitingRecord> records, CancellationToken cancellationToken);
}

/// <summary>Without <c>Processing__Url</c> being due is all: every transaction is PROCESSED.</summary>
internal sealed class ProcessEverything(int maxBatch) : ITransactionProcessor
{
    public int MaxBatch => maxBatch;

    public bool WritesSpans => false;

    public Task<IReadOnlyList<Outcome>> ProcessAsync(IReadOnlyList<WaitingRecord> records, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Outcome>>([.. records.Select(record => Outcome.Processed(record.Id))]);
}
