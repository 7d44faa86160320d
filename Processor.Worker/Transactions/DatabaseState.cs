namespace Processor.Worker.Transactions;

/// <summary>Whether the last batch reached the database; while none does, the consumer stops reading.</summary>
internal sealed class DatabaseState
{
    private int _away;

    public bool IsAway => Volatile.Read(ref _away) == 1;

    /// <summary>True when it was there until now.</summary>
    public bool Lost() => Interlocked.Exchange(ref _away, 1) == 0;

    /// <summary>True when it was away until now.</summary>
    public bool Reached() => IsAway && Interlocked.Exchange(ref _away, 0) == 1;
}
