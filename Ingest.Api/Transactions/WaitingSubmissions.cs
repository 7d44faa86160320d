namespace Ingest.Api.Transactions;

/// <summary>
/// Webhooks that wait for their commit, and how they become batches. A commit has a cost of its own, which its rows share. So
/// whoever comes while none is in flight is committed at once; while one is, the next batch waits until that one is done or until it is
/// worth one of its own. (Measured on 2 cores with 128 connections: 13 rows a commit by taking whatever waits; docs/performance.md.)
/// </summary>
internal sealed class WaitingSubmissions(int capacity, int maxBatch, int worthACommit)
{
    private readonly Lock _gate = new();
    private readonly Queue<Submission> _waiting = new();
    private TaskCompletionSource? _enough;
    private int _inFlight;

    public int Count
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    private bool IsEnough => _waiting.Count >= (_inFlight == 0 ? 1 : Math.Min(worthACommit, capacity));

    /// <summary>False: <c>capacity</c> of them wait already.</summary>
    public bool TryAdd(Submission submission)
    {
        lock (_gate)
        {
            if (_waiting.Count >= capacity) return false;
            _waiting.Enqueue(submission);
            if (_enough is not null && IsEnough) Release();
        }

        return true;
    }

    /// <summary>The next batch, the longest-waiting first, never empty; <see cref="Done"/> when it is. For one caller at a time.</summary>
    public async Task<List<Submission>> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task enough;
            lock (_gate)
            {
                if (IsEnough)
                {
                    _inFlight++;
                    return Dequeue();
                }

                // Not inline: who adds holds the lock, and has a request of its own to look after.
                _enough ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                enough = _enough.Task;
            }

            await enough.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A batch is committed, or refused.</summary>
    public void Done()
    {
        lock (_gate)
        {
            _inFlight--;
            if (_enough is not null && IsEnough) Release();
        }
    }

    /// <summary>What waits at this moment, up to a batch; possibly nothing.</summary>
    public List<Submission> TakeNow()
    {
        lock (_gate) return Dequeue();
    }

    private List<Submission> Dequeue()
    {
        var batch = new List<Submission>(Math.Min(_waiting.Count, maxBatch));
        while (batch.Count < maxBatch && _waiting.TryDequeue(out var submission)) batch.Add(submission);
        return batch;
    }

    private void Release()
    {
        _enough!.SetResult();
        _enough = null;
    }
}
