using Microsoft.Extensions.Options;

namespace Processor.Worker.Transactions;

/// <summary>
/// The queues of all assigned partitions: the consumer's thread fills them, batches empty them. Each partition has at most one batch in flight.
/// </summary>
internal sealed class WaitingTransactions(IOptions<ProcessingOptions> options, TimeProvider clock) : IDisposable
{
    /// <summary>A paused partition is read again below this part of its share: each pause throws away what was fetched ahead.</summary>
    private const double ReadAgainBelow = 0.9;

    /// <summary>A timer takes at most 49 days; an hour costs nothing.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Kafka's default retention: no record is later than this.</summary>
    private static readonly TimeSpan LongestLate = TimeSpan.FromDays(7);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, PartitionQueue> _queues = [];
    private readonly SemaphoreSlim _changed = new(0, 1);
    private int _turn;

    public int Partitions
    {
        get { lock (_lock) return _queues.Count; }
    }

    public int Count
    {
        get { lock (_lock) return _queues.Values.Sum(queue => queue.Count); }
    }

    /// <summary>How far the oldest record is behind its due time.</summary>
    public TimeSpan OldestDue
    {
        get
        {
            var late = NextDueTicks is { } due ? NowTicks - due : 0;
            return TimeSpan.FromTicks(Math.Max(0, late));
        }
    }

    /// <summary>The monotonic clock: a record keeps its due time when the wall clock is set.</summary>
    private long NowTicks => clock.GetElapsedTime(0).Ticks;

    private long? NextDueTicks
    {
        get { lock (_lock) return _queues.Values.Where(queue => !queue.IsBusy).Min(queue => queue.NextDueTicks); }
    }

    public void Assign(IEnumerable<int> partitions)
    {
        lock (_lock)
        {
            foreach (var partition in partitions) _queues[partition] = new PartitionQueue(partition);
        }
    }

    /// <summary>
    /// Drops partitions: nothing more is taken from them. Completes when their batches have ended, with the offsets to commit.
    /// </summary>
    public async Task<IReadOnlyList<(int Partition, long Offset)>> RevokeAsync(IReadOnlyCollection<int> partitions, TimeSpan patience)
    {
        List<PartitionQueue> revoked = [];
        Task idle;
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                if (_queues.Remove(partition, out var queue)) revoked.Add(queue);
            }

            idle = Task.WhenAll(revoked.Select(queue => queue.WhenIdle()));
        }

        // A batch that hangs (the database is away) is left behind: its offsets are not committed, and the next owner repeats it.
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(idle, Task.Delay(patience, clock, enough.Token));
        await enough.CancelAsync();
        lock (_lock) return CommittableOf(revoked);
    }

    /// <summary>A record was read. False: its partition is no longer assigned.</summary>
    public bool Add(int partition, RecordOrigin origin, DateTimeOffset createdAt, string id, ulong sendSpan)
    {
        // A created_at in the future is wrong, or this clock is: the row was there before the record. One in the year 1 is wrong too, and due; it must not
        // make OldestDue 2,000 years.
        var delay = options.Value.Delay.Ticks;
        var wait = Math.Clamp((createdAt - clock.GetUtcNow()).Ticks + delay, -LongestLate.Ticks, delay);
        lock (_lock)
        {
            if (!_queues.TryGetValue(partition, out var queue)) return false;
            if (queue.Add(origin, NowTicks + wait, id, sendSpan)) Wake();
            return true;
        }
    }

    /// <summary>An undecodable record was read; its offset waits for its dead letter. Null: its partition is no longer assigned.</summary>
    public (PartitionQueue Queue, long Ticket)? AddDeadLetter(int partition, long offset)
    {
        lock (_lock) return _queues.GetValueOrDefault(partition) is { } queue ? (queue, queue.AddDeadLetter(offset)) : null;
    }

    public void FinishDeadLetter(PartitionQueue queue, long ticket)
    {
        lock (_lock) queue.FinishDeadLetter(ticket);
    }

    /// <summary>Takes what is due from partitions that have no batch in flight, in rotation; null when there is nothing.</summary>
    public Batch? TakeDue(int max)
    {
        var now = NowTicks;
        lock (_lock)
        {
            var parts = new List<(PartitionQueue, IReadOnlyList<WaitingRecord>)>();
            var idle = _queues.Values.Where(queue => !queue.IsBusy && queue.NextDueTicks <= now).OrderBy(queue => queue.Partition).ToArray();
            for (var i = 0; i < idle.Length && max > 0; i++)
            {
                var queue = idle[(i + _turn) % idle.Length];
                var records = queue.TakeDue(now, max);
                max -= records.Count;
                parts.Add((queue, records));
            }

            if (parts.Count == 0) return null;
            _turn = (_turn + 1) % idle.Length;
            return new Batch(parts);
        }
    }

    /// <summary>
    /// The batch has its outcomes, except for transactions that are not due yet by the database's clock, and those put <paramref name="aside"/>: their offsets
    /// wait for their dead letters, see <see cref="FinishDeadLetter"/>.
    /// </summary>
    public void Finish(Batch batch, IReadOnlyDictionary<string, TimeSpan> notDue, IReadOnlySet<string>? aside = null)
    {
        lock (_lock)
        {
            foreach (var (queue, records) in batch.Parts)
            {
                foreach (var record in records)
                {
                    if (notDue.TryGetValue(record.Id, out var wait)) queue.PutBack(record, NowTicks + wait.Ticks);
                    else if (aside?.Contains(record.Id) != true) queue.Finish(record);
                }

                queue.EndBatch();
            }

            Wake();
        }
    }

    /// <summary>The offset at which each partition's consumer must go on after a crash.</summary>
    public IReadOnlyList<(int Partition, long Offset)> Committable()
    {
        lock (_lock) return CommittableOf(_queues.Values);
    }

    /// <summary>The partitions that hold more than their share of what may wait; <paramref name="paused"/> ones until they are clearly below it.</summary>
    public IReadOnlySet<int> Overfull(IReadOnlySet<int> paused)
    {
        lock (_lock)
        {
            var share = options.Value.MaxWaiting / Math.Max(1, _queues.Count);
            return _queues.Values.Where(queue => queue.Span >= (paused.Contains(queue.Partition) ? share * ReadAgainBelow : share))
                .Select(queue => queue.Partition).ToHashSet();
        }
    }

    /// <summary>Completes when a record may be due: at its due time, or when the queues have changed.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = NextDueTicks is { } due ? TimeSpan.FromTicks(due - NowTicks) + options.Value.Gather : LongestWait;
        if (wait <= TimeSpan.Zero) return;

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = _changed.WaitAsync(waiting.Token);
        await Task.WhenAny(changed, Task.Delay(wait < LongestWait ? wait : LongestWait, clock, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _changed.Dispose();

    private static IReadOnlyList<(int Partition, long Offset)> CommittableOf(IEnumerable<PartitionQueue> queues) =>
        [.. queues.Where(queue => queue.Committable is not null).Select(queue => (queue.Partition, queue.Committable!.Value))];

    private void Wake()
    {
        if (_changed.CurrentCount == 0) _changed.Release();
    }
}
