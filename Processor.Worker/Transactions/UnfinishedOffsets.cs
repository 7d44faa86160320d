namespace Processor.Worker.Transactions;

/// <summary>
/// The offsets of one partition that have been read, from the lowest on that is not finished. Records finish in any order; what may be
/// committed is the lowest that has not. Each record has a ticket of its own, not its offset: after a reset (a broker that lost its log) or
/// a repeated fetch the same offset can be read twice.
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
