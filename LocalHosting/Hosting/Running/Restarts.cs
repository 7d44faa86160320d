namespace LocalHosting.Running;

/// <summary>How often a resource may be started again: five times in a minute. What dies more often has a fault that a start does not mend.</summary>
internal sealed class Restarts(TimeProvider time)
{
    private const int Max = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<long> _taken = new();

    /// <summary>False when there have been too many.</summary>
    public bool TryTake()
    {
        while (_taken.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Window) _taken.Dequeue();
        if (_taken.Count == Max) return false;
        _taken.Enqueue(time.GetTimestamp());
        return true;
    }
}
