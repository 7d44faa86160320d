namespace Processor.Worker.Transactions;

/// <summary>A record that has been read and waits for its time. Nothing else is kept of it: a million of them must fit in 500 MB.</summary>
/// <param name="Ticket">Its place among the partition's <see cref="UnfinishedOffsets"/>.</param>
/// <param name="DueTicks">When it is to be processed, in ticks of the clock that only goes forward: nobody can set it.</param>
/// <param name="Id">The transaction_id.</param>
/// <param name="Origin">Where it came from, for its dead letter.</param>
/// <param name="SendSpan">The span id that its traceparent header named, big-endian; 0 for none.</param>
internal readonly record struct WaitingRecord(long Ticket, long DueTicks, string Id, RecordOrigin Origin, ulong SendSpan);

/// <summary>A record's offset in its partition, and its own timestamp in milliseconds since 1970.</summary>
internal readonly record struct RecordOrigin(long Offset, long TimestampMs);

/// <summary>
/// What one assigned partition has read and not finished. Two lanes: records that come in the order of their times, nearly all, wait in a
/// plain queue; those that come out of turn (retries, the relay's, a producer that lagged behind another, what the database's clock refused)
/// are kept by their time and wait behind nobody. Offsets therefore finish out of order; <see cref="Committable"/> is the lowest that has
/// not, so a committed offset never runs ahead of a row.
/// Not thread-safe: <see cref="WaitingTransactions"/> locks.
/// </summary>
internal sealed class PartitionQueue(int partition)
{
    /// <summary>
    /// Ingest.Api commits in several connections, so created_at ascends but for milliseconds. A record that is ahead of the one before it
    /// by no more than this waits for it: a queue takes 48 bytes and no comparisons where the other lane takes 56 and log n.
    /// </summary>
    private const long InTurnTicks = 20 * TimeSpan.TicksPerMillisecond;

    private readonly UnfinishedOffsets _unfinished = new();
    private readonly Queue<WaitingRecord> _inTurn = new();
    private readonly PriorityQueue<WaitingRecord, long> _outOfTurn = new();
    private long _latestDueTicks;
    private TaskCompletionSource? _idle;

    public int Partition { get; } = partition;

    /// <summary>Records read and not finished, in both lanes and in flight; dead letters on their way are counted too.</summary>
    public int Count => _unfinished.Count;

    /// <summary>Records it keeps count of: the finished ones behind an unfinished one too.</summary>
    public int Span => _unfinished.Span;

    public bool IsBusy { get; private set; }

    /// <summary>When its next record is due, ticks; null when none waits.</summary>
    public long? NextDueTicks => (_outOfTurn.TryPeek(out _, out var outOfTurn), _inTurn.TryPeek(out var inTurn)) switch
    {
        (true, true) => Math.Min(outOfTurn, inTurn.DueTicks),
        (true, false) => outOfTurn,
        (false, true) => inTurn.DueTicks,
        _ => null,
    };

    /// <inheritdoc cref="UnfinishedOffsets.Committable" />
    public long? Committable => _unfinished.Committable;

    /// <summary>Adds a record that was just read.</summary>
    /// <returns>True when it is the first to be due now: whoever sleeps until then must be woken.</returns>
    public bool Add(RecordOrigin origin, long dueTicks, string id, ulong sendSpan = 0)
    {
        var before = NextDueTicks;
        var record = new WaitingRecord(_unfinished.Add(origin.Offset), dueTicks, id, origin, sendSpan);
        if (_inTurn.Count > 0 && dueTicks < _latestDueTicks - InTurnTicks)
        {
            _outOfTurn.Enqueue(record, dueTicks);
        }
        else
        {
            _latestDueTicks = _inTurn.Count > 0 ? Math.Max(_latestDueTicks, dueTicks) : dueTicks;
            _inTurn.Enqueue(record);
        }

        return before is null || dueTicks < before;
    }

    /// <summary>Holds the offset of a record that is no transaction until its dead letter is written; returns the ticket for that.</summary>
    public long AddDeadLetter(long offset) => _unfinished.Add(offset);

    /// <summary>The dead letter is written: its offset may be passed.</summary>
    public void FinishDeadLetter(long ticket) => _unfinished.Finish(ticket);

    /// <summary>Takes up to <paramref name="max"/> records that are due, the oldest first; they are in flight until <see cref="Finish"/>.</summary>
    public IReadOnlyList<WaitingRecord> TakeDue(long nowTicks, int max)
    {
        if (IsBusy) throw new InvalidOperationException($"Partition {Partition} has a batch in flight; two would finish out of order.");
        var taken = new List<WaitingRecord>();
        while (taken.Count < max && NextDueTicks is { } due && due <= nowTicks) taken.Add(TakeNext());
        IsBusy = taken.Count > 0;
        return taken;
    }

    /// <summary>A record in flight has its outcome: its offset may be passed.</summary>
    public void Finish(WaitingRecord record) => _unfinished.Finish(record.Ticket);

    /// <summary>A record in flight is not due yet by the database's clock: it waits on, and its offset with it.</summary>
    public void PutBack(WaitingRecord record, long dueTicks) => _outOfTurn.Enqueue(record with { DueTicks = dueTicks }, dueTicks);

    /// <summary>Nothing is in flight any more.</summary>
    public void EndBatch()
    {
        IsBusy = false;
        _idle?.TrySetResult();
        _idle = null;
    }

    /// <summary>Completes when no batch is in flight.</summary>
    public Task WhenIdle() => IsBusy ? (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;

    private WaitingRecord TakeNext()
    {
        var isOutOfTurn = _outOfTurn.TryPeek(out _, out var outOfTurn) && (!_inTurn.TryPeek(out var inTurn) || outOfTurn <= inTurn.DueTicks);
        return isOutOfTurn ? _outOfTurn.Dequeue() : _inTurn.Dequeue();
    }
}
