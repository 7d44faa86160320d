namespace Processor.Worker.Work;

/// <summary>What a capability brings to work that is claimed from its table.</summary>
/// <typeparam name="TId">A row's id.</typeparam>
/// <typeparam name="TClaimed">A claimed row, with the number of its claim.</typeparam>
/// <param name="Topic">The topic whose records name rows that are due.</param>
/// <param name="UnknownReason">The dead letter's reason for a record without a row.</param>
/// <param name="MaxConcurrency">Claims that one worker runs at a time.</param>
/// <param name="Lease">How long a claim lasts.</param>
/// <param name="ClaimAsync">
/// Claims those of the rows that are due, in one statement: it moves their due date to the end of the lease and raises their claim number. Throws what the
/// database throws.
/// </param>
/// <param name="IdOf">The row's id.</param>
/// <param name="KnownAsync">Which of the ids have a row.</param>
/// <param name="RunAsync">
/// Does the work of a claim and records its outcome, every write with the claim number. Throws what the database throws; the row is then due again when the
/// lease ends.
/// </param>
/// <param name="Off">Why this worker leaves the topic alone; null when it does not.</param>
internal sealed record WorkRules<TId, TClaimed>(
    string Topic,
    string UnknownReason,
    int MaxConcurrency,
    TimeSpan Lease,
    Func<TId[], TimeSpan, CancellationToken, Task<IReadOnlyList<TClaimed>>> ClaimAsync,
    Func<TClaimed, TId> IdOf,
    Func<TId[], CancellationToken, Task<IReadOnlySet<TId>>> KnownAsync,
    Func<TClaimed, ReceivedRecord, Task> RunAsync,
    string? Off = null);
