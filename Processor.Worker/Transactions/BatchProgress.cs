using Data.DeadLetters;

namespace Processor.Worker.Transactions;

/// <summary>How far a batch has come: each of its transactions is open, or recorded, or waits again, or is put aside.</summary>
internal sealed class BatchProgress(Batch batch)
{
    /// <summary>For what was refused and is due a moment later: the update and the question why are two statements, with time between them.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<string, Outcome> _decided = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Reason, string Detail)> _aside = new(StringComparer.Ordinal);

    /// <summary>Transactions without a recorded outcome, one record each: the relay may have published one twice.</summary>
    public Dictionary<string, WaitingRecord> Open { get; } =
        batch.Records.DistinctBy(record => record.Id, StringComparer.Ordinal).ToDictionary(record => record.Id, StringComparer.Ordinal);

    /// <summary>
    /// Outcomes that the processor has decided, recorded or not: a transaction is not sent to Processing__Url again because the database went away.
    /// </summary>
    public IReadOnlyDictionary<string, Outcome> Decided => _decided;

    /// <summary>Transactions that are not due yet by the database's clock, and for how long.</summary>
    public Dictionary<string, TimeSpan> NotDue { get; } = new(StringComparer.Ordinal);

    /// <summary>Transactions whose records become dead letters, with the letter's reason and detail.</summary>
    public IReadOnlyDictionary<string, (string Reason, string Detail)> Aside => _aside;

    /// <summary>Why the database refused the last statement.</summary>
    public string Refusal { get; set; } = "";

    public void Decide(IEnumerable<Outcome> outcomes)
    {
        foreach (var outcome in outcomes) _decided[outcome.Id] = outcome;
    }

    /// <summary>Takes what the update left out: recorded before, not due yet by the database's clock, or without a row.</summary>
    public void Explained(IEnumerable<RefusedOutcome> leftOut)
    {
        foreach (var refused in leftOut)
        {
            if (!refused.IsKnown) PutAside(refused.Id, DeadLetterReason.UnknownTransaction, "There is no row with this transaction_id.");
            else if (refused.Wait is { } wait) NotDue[refused.Id] = wait > ShortestWait ? wait : ShortestWait;
            Open.Remove(refused.Id);
        }
    }

    public void PutAside(string id, string reason, string detail)
    {
        _aside[id] = (reason, detail);
        Open.Remove(id);
    }
}

/// <summary>How a try of a batch's records ended.</summary>
internal enum Attempt
{
    Done,
    DatabaseAway,
    Refused,
}

/// <summary>Whether the last batch reached the database; while none does, reading pauses.</summary>
internal sealed class DatabaseState
{
    private int _away;

    public bool IsAway => Volatile.Read(ref _away) == 1;

    /// <summary>True when it was reachable until now.</summary>
    public bool Lost() => Interlocked.Exchange(ref _away, 1) == 0;

    /// <summary>True when it was away until now.</summary>
    public bool Reached() => IsAway && Interlocked.Exchange(ref _away, 0) == 1;
}
