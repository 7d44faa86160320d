namespace Processor.Worker.Transactions;

/// <summary>A batch in progress: what was taken from each partition.</summary>
internal sealed record Batch(IReadOnlyList<(PartitionQueue Queue, IReadOnlyList<WaitingRecord> Records)> Parts)
{
    /// <summary>Its records, partition by partition.</summary>
    public IEnumerable<WaitingRecord> Records => Parts.SelectMany(part => part.Records);

    public int Count => Parts.Sum(part => part.Records.Count);
}

/// <summary>A record that was read and waits until it is due. Nothing else is kept of it: a million must fit in 500 MB.</summary>
/// <param name="Ticket">Its place among the partition's <see cref="UnfinishedOffsets"/>.</param>
/// <param name="DueTicks">When it is to be processed, in ticks of the monotonic clock.</param>
/// <param name="Id">The transaction_id.</param>
/// <param name="Origin">Its offset and timestamp, for its dead letter.</param>
/// <param name="SendSpan">The span id of its traceparent header, big-endian; 0 for none.</param>
internal readonly record struct WaitingRecord(long Ticket, long DueTicks, string Id, RecordOrigin Origin, ulong SendSpan);

/// <summary>A record's offset in its partition, and its own timestamp in milliseconds since 1970.</summary>
internal readonly record struct RecordOrigin(long Offset, long TimestampMs);

/// <summary>
/// The records of one assigned partition that were read and not finished. Two lanes: records in the order of their due times, nearly all, wait in a plain
/// queue; records out of order (retries, the relay's, those of a producer that lagged behind another, those that the database's clock refused) wait in a
/// priority queue and delay no other. Offsets therefore finish out of order; <see cref="Committable"/> is the lowest unfinished one, so a committed offset
/// never runs ahead of a row. Not thread-safe: <see cref="WaitingTransactions"/> locks.
/// </summary>
internal sealed class PartitionQueue(int partition)
{
    /// <summary>
    /// Ingest.Api commits on several connections, so created_at ascends except for milliseconds. A record that is due earlier than the one before it by no
    /// more than this waits behind it: the plain queue takes 48 bytes and no comparisons, the priority queue 56 bytes and log n.
    /// </summary>
    private const long InTurnTicks = 20 * TimeSpan.TicksPerMillisecond;

    private readonly UnfinishedOffsets _unfinished = new();
    private readonly Queue<WaitingRecord> _inTurn = new();
    private readonly PriorityQueue<WaitingRecord, long> _outOfTurn = new();
    private long _latestDueTicks;
    private TaskCompletionSource? _idle;

    public int Partition { get; } = partition;

    /// <summary>Records read and not finished, in both lanes and in flight, dead letters that are being written included.</summary>
    public int Count => _unfinished.Count;

    /// <summary>Records whose offsets are kept: the finished ones behind an unfinished one too.</summary>
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
    /// <returns>True when it is now the first to be due: a loop that sleeps until the former first must be woken.</returns>
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

    /// <summary>Holds back the offset of an undecodable record until its dead letter is written; returns its ticket.</summary>
    public long AddDeadLetter(long offset) => _unfinished.Add(offset);

    /// <summary>The dead letter is written: the offset may be committed.</summary>
    public void FinishDeadLetter(long ticket) => _unfinished.Finish(ticket);

    /// <summary>Takes up to <paramref name="max"/> records that are due, the oldest first; they are in flight until <see cref="Finish"/>.</summary>
    public IReadOnlyList<WaitingRecord> TakeDue(long nowTicks, int max)
    {
        if (IsBusy) throw new InvalidOperationException($"Partition {Partition} has a batch in flight; a partition has at most one.");
        var taken = new List<WaitingRecord>();
        while (taken.Count < max && NextDueTicks is { } due && due <= nowTicks) taken.Add(TakeNext());
        IsBusy = taken.Count > 0;
        return taken;
    }

    /// <summary>A record in flight has its outcome: its offset may be committed.</summary>
    public void Finish(WaitingRecord record) => _unfinished.Finish(record.Ticket);

    /// <summary>A record in flight is not due yet by the database's clock: it waits again, and holds back its offset.</summary>
    public void PutBack(WaitingRecord record, long dueTicks) => _outOfTurn.Enqueue(record with { DueTicks = dueTicks }, dueTicks);

    /// <summary>The batch in flight has ended.</summary>
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

/// <summary>
/// The offsets of one partition that were read, from the lowest unfinished one on. Records finish in any order; the offset to commit is the lowest unfinished
/// one. Records are known by a ticket and not by their offset: after a reset (a broker that lost its log) or a repeated fetch the same offset is read twice.
/// </summary>
internal sealed class UnfinishedOffsets
{
    private readonly Queue<long> _offsets = new();

    // Tickets that finished before an earlier one did; their offsets are still in the queue.
    private readonly HashSet<long> _finished = [];
    private long _firstTicket;
    private long? _next;

    /// <summary>Offsets from the lowest unfinished one up to the last that was read, the finished ones between them too.</summary>
    public int Span => _offsets.Count;

    /// <summary>How many are not finished.</summary>
    public int Count => _offsets.Count - _finished.Count;

    /// <summary>The lowest offset that is not finished: where a consumer must go on after a crash. Null before the first record.</summary>
    public long? Committable => _offsets.TryPeek(out var lowest) ? lowest : _next;

    /// <summary>An offset was read; returns the ticket to finish it with.</summary>
    public long Add(long offset)
    {
        _next = offset + 1;
        _offsets.Enqueue(offset);
        return _firstTicket + _offsets.Count - 1;
    }

    /// <summary>The record has its outcome in its row, or its dead letter.</summary>
    public void Finish(long ticket)
    {
        _finished.Add(ticket);
        while (_finished.Remove(_firstTicket))
        {
            _offsets.Dequeue();
            _firstTicket++;
        }
    }
}
