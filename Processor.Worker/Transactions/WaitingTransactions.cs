using Microsoft.Extensions.Options;

namespace Processor.Worker.Transactions;

/// <summary>A batch on its way: what was taken from each partition.</summary>
internal sealed record Batch(IReadOnlyList<(PartitionQueue Queue, IReadOnlyList<WaitingRecord> Records)> Parts)
{
    /// <summary>Its records, partition by partition.</summary>
    public IEnumerable<WaitingRecord> Records => Parts.SelectMany(part => part.Records);

    public int Count => Parts.Sum(part => part.Records.Count);
}

/// <summary>
/// The queues of all assigned partitions: the consumer's thread fills them, batches empty them. Each partition has at most one batch in
/// flight.
/// </summary>
internal sealed class WaitingTransactions(IOptions<ProcessingOptions> options, TimeProvider clock)
{
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

    /// <summary>How far the oldest record is behind its time.</summary>
    public TimeSpan OldestDue
    {
        get
        {
            var late = NextDueTicks is { } due ? clock.GetUtcNow().UtcTicks - due : 0;
            return TimeSpan.FromTicks(Math.Max(0, late));
        }
    }

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
    /// Gives partitions back: nothing more is taken from them. Completes when their batches have ended, with the offsets to commit.
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

        // A batch that hangs (the database is away) is left behind: its offsets are not committed, and the next owner does it again.
        await Task.WhenAny(idle, Task.Delay(patience, clock));
        lock (_lock) return [.. revoked.Where(queue => queue.Committable is not null).Select(queue => (queue.Partition, queue.Committable!.Value))];
    }

    /// <summary>A record was read. False: its partition is not ours any more.</summary>
    public bool Add(int partition, long offset, DateTimeOffset createdAt, string id, ulong sendSpan)
    {
        var now = clock.GetUtcNow();
        var delay = options.Value.Delay;

        // A created_at in the future can only be wrong; by its own clock the row was there before the record.
        var due = createdAt < now ? createdAt + delay : now + delay;
        lock (_lock)
        {
            if (!_queues.TryGetValue(partition, out var queue)) return false;
            if (queue.Add(new WaitingRecord(offset, due.UtcTicks, id, sendSpan), now.UtcTicks)) Wake();
            return true;
        }
    }

    /// <summary>A record was read that is no transaction; its offset waits for its dead letter. Null: its partition is not ours any more.</summary>
    public PartitionQueue? AddDeadLetter(int partition, long offset)
    {
        lock (_lock)
        {
            if (_queues.GetValueOrDefault(partition) is not { } queue) return null;
            queue.AddDeadLetter(offset);
            return queue;
        }
    }

    public void FinishDeadLetter(PartitionQueue queue)
    {
        lock (_lock) queue.FinishDeadLetter();
    }

    /// <summary>Takes what is due from partitions that have nothing in flight, each in its turn; null when there is nothing.</summary>
    public Batch? TakeDue(int max)
    {
        var now = clock.GetUtcNow().UtcTicks;
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

            _turn++;
            return parts.Count == 0 ? null : new Batch(parts);
        }
    }

    public void Finish(Batch batch)
    {
        lock (_lock)
        {
            foreach (var (queue, _) in batch.Parts) queue.Finish();
            Wake();
        }
    }

    /// <summary>Where each partition's consumer must go on after a crash.</summary>
    public IReadOnlyList<(int Partition, long Offset)> Committable()
    {
        lock (_lock) return [.. _queues.Values.Where(q => q.Committable is not null).Select(q => (q.Partition, q.Committable!.Value))];
    }

    /// <summary>The partitions that hold more than their share of what may wait.</summary>
    public IReadOnlySet<int> Overfull()
    {
        lock (_lock)
        {
            var share = options.Value.MaxWaiting / Math.Max(1, _queues.Count);
            return _queues.Values.Where(queue => queue.Count >= share).Select(queue => queue.Partition).ToHashSet();
        }
    }

    /// <summary>Completes when a record may be due: at its time, or when something has changed.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = NextDueTicks is { } due ? TimeSpan.FromTicks(due - clock.GetUtcNow().UtcTicks) + options.Value.Gather : Timeout.InfiniteTimeSpan;
        if (wait != Timeout.InfiniteTimeSpan && wait <= TimeSpan.Zero) return;

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = _changed.WaitAsync(waiting.Token);
        await Task.WhenAny(changed, Task.Delay(wait, clock, waiting.Token));
        await waiting.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Wake()
    {
        if (_changed.CurrentCount == 0) _changed.Release();
    }
}
