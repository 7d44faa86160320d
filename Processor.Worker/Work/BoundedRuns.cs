using System.Collections.Concurrent;

namespace Processor.Worker.Work;

/// <summary>Runs at most so many pieces of work at a time, and waits for them at the end.</summary>
internal sealed class BoundedRuns(int places) : IDisposable
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly SemaphoreSlim _places = new(places);

    public int Count => _running.Count;

    /// <summary>Waits until at least one place is free; returns how many are. Only one caller may ask and then <see cref="Start"/>.</summary>
    public async Task<int> FreeAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return _places.Release() + 1;
    }

    /// <summary>Starts one; there must be a free place.</summary>
    /// <param name="runAsync">Must not throw.</param>
    public void Start(Func<Task> runAsync)
    {
        if (!_places.Wait(0, CancellationToken.None)) throw new InvalidOperationException($"All {places} places are taken.");
        var task = RunAsync(runAsync);
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(
            ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Completes when all that were started have ended.</summary>
    public Task WhenEndedAsync(CancellationToken cancellationToken) => Task.WhenAll(_running.Keys).WaitAsync(cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task RunAsync(Func<Task> runAsync)
    {
        try
        {
            await runAsync();
        }
        finally
        {
            _places.Release();
        }
    }
}
