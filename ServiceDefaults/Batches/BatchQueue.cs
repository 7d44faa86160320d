using System.Diagnostics;

namespace ServiceDefaults.Batches;

/// <summary>How a <see cref="BatchQueue{TItem,TResult}"/> makes batches of what waits.</summary>
/// <param name="SpanName">The name of a batch's span, such as <c>commit transactions</c>.</param>
public sealed record BatchQueueOptions(string SpanName)
{
    /// <summary>How many items may wait; more are refused.</summary>
    public int Capacity { get; init; } = 1_000;

    /// <summary>The most items of one batch.</summary>
    public int MaxBatch { get; init; } = 100;

    /// <summary>Batches at work at a time.</summary>
    public int MaxInFlight { get; init; } = 1;

    /// <summary>How many items must wait for a batch to begin beside one that is at work. When none is, one item is enough.</summary>
    public int MinBatchBesideAnother { get; init; } = 1;

    /// <summary>
    /// An item that has waited longer when a batch is made is refused with a <see cref="TimeoutException"/>: its work has not begun, and its caller is about to
    /// give up.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Which failures may be the fault of one item: a row that the database refuses. The items of a batch that fails so are run again, each by itself, so that
    /// it fails alone. Nothing of the failed batch must have come into effect. None unless set.
    /// </summary>
    public Func<Exception, bool> IsForOneItem { get; init; } = static _ => false;
}

/// <summary>An item that waits for its result. Its caller awaits the task.</summary>
public sealed class QueuedItem<TItem, TResult> : TaskCompletionSource<TResult>
{
    /// <summary>An item that nobody has taken yet.</summary>
    /// <param name="item">What is asked for.</param>
    /// <param name="trace">The caller's span, where it is recorded.</param>
    /// <param name="enqueued">The clock's timestamp.</param>
    public QueuedItem(TItem item, ActivityContext trace, long enqueued) : base(TaskCreationOptions.RunContinuationsAsynchronously) =>
        (Item, Trace, Enqueued) = (item, trace, enqueued);

    /// <summary>What is asked for.</summary>
    public TItem Item { get; }

    /// <summary>The caller's span, where it is recorded; default otherwise.</summary>
    public ActivityContext Trace { get; }

    internal long Enqueued { get; }
}

/// <summary>
/// Requests that wait at the same time share one statement. A statement has a cost of its own (a round trip, a commit), which its items share: an item that
/// comes while nothing is at work is begun at once, and under load a batch has dozens. (Measured on 2 cores: 2,000-6,000 transactions a second one by one,
/// 14,500 in batches; 6,900 lookups one by one, 21,900 in batches; docs/performance.md.)
/// <para>
/// Roles: callers enqueue and await; up to <see cref="BatchQueueOptions.MaxInFlight"/> batches are at work on threads of the pool, and the queue needs no
/// thread while nothing waits. Guarantee: every item gets a result or an exception; a batch begins after all its items were enqueued, so a reader sees what was
/// committed before it asked. Nothing outlives the process: what dies with it was not answered.
/// </para>
/// <para>
/// A batch belongs to none of its callers: it runs with an empty ExecutionContext, so that no caller's trace, culture or log scope holds the others' work, in
/// a span of its own that links to theirs.
/// </para>
/// </summary>
/// <param name="options">How batches are made.</param>
/// <param name="run">
/// Does the work of a batch, never empty: sets each item's result, as early as it is known. An exception is the result of all items that have none yet, unless
/// it is <see cref="BatchQueueOptions.IsForOneItem"/>.
/// </param>
/// <param name="clock">Measures how long items wait.</param>
public sealed class BatchQueue<TItem, TResult>(BatchQueueOptions options, Func<IReadOnlyList<QueuedItem<TItem, TResult>>, Task> run, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Queue<QueuedItem<TItem, TResult>> _waiting = new();
    private int _inFlight;
    private bool _isBeginning; // A batch is about to be taken: no other is begun for the same items.

    /// <summary>How many items wait for their batch.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    private bool IsWorthABatch =>
        !_isBeginning && _inFlight < options.MaxInFlight && _waiting.Count >= (_inFlight == 0 ? 1 : Math.Min(options.MinBatchBesideAnother, options.Capacity));

    /// <summary>The task of the item's result; null when too many wait already, and the item is not taken.</summary>
    public Task<TResult>? TryEnqueue(TItem item)
    {
        var trace = Activity.Current is { Recorded: true } span ? span.Context : default;
        var queued = new QueuedItem<TItem, TResult>(item, trace, clock.GetTimestamp());
        bool begins;
        lock (_gate)
        {
            if (_waiting.Count >= options.Capacity) return null;
            _waiting.Enqueue(queued);
            begins = TryBegin();
        }

        if (begins) RunOnPool();
        return queued.Task;
    }

    private bool TryBegin()
    {
        if (!IsWorthABatch) return false;
        _inFlight++;
        return _isBeginning = true;
    }

    // Unsafe: without the caller's ExecutionContext. Twice through the pool's queue: what was queued before this, such as the requests of callers that have
    // just been answered, is enqueued by the time the batch is taken.
    private void RunOnPool() => ThreadPool.UnsafeQueueUserWorkItem(
        static queue => ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.RunAsync(), queue, preferLocal: false), this, preferLocal: false);

    // Never throws. The next batch begins by way of the pool, not at once: then batches were smaller and commits more. Of the limit of accept, at 32 and 128
    // connections: 0.23 and 0.30 at once, 0.21 and 0.35 with one turn through the pool, 0.25 at 32 with two.
    private async Task RunAsync()
    {
        var batch = Take(out var another);
        if (another) RunOnPool();
        if (batch.Count > 0) await RunAsync(batch);
        lock (_gate)
        {
            _inFlight--;
            another = TryBegin();
        }

        if (another) RunOnPool();
    }

    private async Task RunAsync(List<QueuedItem<TItem, TResult>> batch)
    {
        using var span = BatchSpans.Start(options.SpanName, batch.Count, batch.Select(item => item.Trace));
        try
        {
            await run(batch);
            foreach (var item in batch)
                if (!item.Task.IsCompleted) item.TrySetException(new InvalidOperationException($"'{options.SpanName}' has set no result for an item."));
        }
        catch (Exception exception) when (batch.Count > 1 && options.IsForOneItem(exception))
        {
            span?.SetStatus(ActivityStatusCode.Error, $"{exception.Message} Its items are run again one by one.");
            foreach (var item in batch)
                if (!item.Task.IsCompleted) await RunAsync([item]);
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            foreach (var item in batch) item.TrySetException(exception);
        }
    }

    private List<QueuedItem<TItem, TResult>> Take(out bool another)
    {
        List<QueuedItem<TItem, TResult>> batch;
        List<QueuedItem<TItem, TResult>>? late = null;
        lock (_gate)
        {
            batch = new(Math.Min(_waiting.Count, options.MaxBatch));
            while (batch.Count < options.MaxBatch && _waiting.TryDequeue(out var item))
            {
                if (clock.GetElapsedTime(item.Enqueued) <= options.MaxWait) batch.Add(item);
                else (late ??= []).Add(item);
            }

            _isBeginning = false;
            another = TryBegin();
        }

        late?.ForEach(item => item.TrySetException(new TimeoutException($"'{options.SpanName}' had no turn within {options.MaxWait}.")));
        return batch;
    }
}

/// <summary>The spans of batches.</summary>
internal static class BatchSpans
{
    private static readonly ActivitySource Source = new("AspireWebhooks.Batches");

    /// <summary>A span of no caller's trace, linked to the spans of all; null when nothing records them.</summary>
    public static Activity? Start(string name, int size, IEnumerable<ActivityContext> callers)
    {
        if (!Source.HasListeners()) return null;
        ActivityLink[] links = [.. callers.Where(caller => caller != default).Select(caller => new ActivityLink(caller))];
        if (links.Length == 0) return null;
        var span = Source.StartActivity(name, ActivityKind.Internal, parentContext: default, links: links);
        span?.SetTag("aspirewebhooks.batch.size", size);
        return span;
    }
}
