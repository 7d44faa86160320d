namespace Processor.Worker.Transactions;

/// <summary>A record that has been read and waits for its time. Nothing else is kept of it: a million of them must fit in 500 MB.</summary>
/// <param name="Offset">Where it stands in its partition.</param>
/// <param name="DueTicks">When it is to be processed, UTC ticks.</param>
/// <param name="Id">The transaction_id.</param>
/// <param name="SendSpan">The span id that its traceparent header named, big-endian; 0 for none.</param>
internal readonly record struct WaitingRecord(long Offset, long DueTicks, string Id, ulong SendSpan);

/// <summary>
/// What one assigned partition has read and not finished. Two lanes: records that wait for their time stay in the partition's order, in
/// which their times ascend; records that come late (retries, the relay's, a backlog) do not wait behind them. Offsets therefore finish
/// out of order, and <see cref="Committable"/> is the lowest that has not: a committed offset never runs ahead of a row.
/// Not thread-safe: <see cref="WaitingTransactions"/> locks.
/// </summary>
internal sealed class PartitionQueue(int partition)
{
    private readonly Queue<WaitingRecord> _onTime = new();
    private readonly Queue<WaitingRecord> _late = new();
    private readonly Queue<long> _deadLetters = new();
    private List<WaitingRecord> _inFlight = [];
    private TaskCompletionSource? _idle;
    private long? _next;

    public int Partition { get; } = partition;

    /// <summary>Records read and not finished, in both lanes; dead letters on their way are counted too.</summary>
    public int Count => _onTime.Count + _late.Count + _inFlight.Count + _deadLetters.Count;

    public bool IsBusy => _inFlight.Count > 0;

    /// <summary>When its next record is due, ticks; null when none waits.</summary>
    public long? NextDueTicks => (_late.TryPeek(out var late), _onTime.TryPeek(out var onTime)) switch
    {
        (true, true) => Math.Min(late.DueTicks, onTime.DueTicks),
        (true, false) => late.DueTicks,
        (false, true) => onTime.DueTicks,
        _ => null,
    };

    /// <summary>The lowest offset that is not finished: where a consumer must go on after a crash. Null before the first record.</summary>
    public long? Committable
    {
        get
        {
            var lowest = _next;
            if (_onTime.TryPeek(out var onTime)) lowest = Math.Min(lowest!.Value, onTime.Offset);
            if (_late.TryPeek(out var late)) lowest = Math.Min(lowest!.Value, late.Offset);
            if (_deadLetters.TryPeek(out var dead)) lowest = Math.Min(lowest!.Value, dead);
            foreach (var record in _inFlight) lowest = Math.Min(lowest!.Value, record.Offset);
            return lowest;
        }
    }

    /// <summary>Adds a record that was just read.</summary>
    /// <returns>True when it is the first to be due now: whoever sleeps until then must be woken.</returns>
    public bool Add(WaitingRecord record, long nowTicks)
    {
        var before = NextDueTicks;
        _next = record.Offset + 1;
        (record.DueTicks <= nowTicks ? _late : _onTime).Enqueue(record);
        return before is null || record.DueTicks < before;
    }

    /// <summary>Holds the offset of a record that is no transaction until its dead letter is written.</summary>
    public void AddDeadLetter(long offset)
    {
        _next = offset + 1;
        _deadLetters.Enqueue(offset);
    }

    /// <summary>The oldest dead letter of this partition is written: its offset may be passed.</summary>
    public void FinishDeadLetter() => _deadLetters.Dequeue();

    /// <summary>Takes up to <paramref name="max"/> records that are due; they are in flight until <see cref="Finish"/>.</summary>
    public IReadOnlyList<WaitingRecord> TakeDue(long nowTicks, int max)
    {
        if (IsBusy) throw new InvalidOperationException($"Partition {Partition} has a batch in flight; two would finish out of order.");
        while (_inFlight.Count < max && _late.TryDequeue(out var record)) _inFlight.Add(record);
        while (_inFlight.Count < max && _onTime.TryPeek(out var next) && next.DueTicks <= nowTicks) _inFlight.Add(_onTime.Dequeue());
        return _inFlight;
    }

    /// <summary>The batch in flight has its outcomes.</summary>
    public void Finish()
    {
        _inFlight = [];
        _idle?.TrySetResult();
        _idle = null;
    }

    /// <summary>Completes when no batch is in flight.</summary>
    public Task WhenIdle() => IsBusy ? (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
}
