using System.Collections.Concurrent;

namespace Processor.Worker.Work;

/// <summary>
/// Runs a service's claims, at most so many at a time, and waits for them at the end. A run that fails is logged, and reported when PostgreSQL refuses its
/// outcome; its row is claimed again when the lease ends.
/// </summary>
/// <param name="work">What is claimed, for messages: its topic or its table.</param>
/// <param name="places">How many at a time.</param>
/// <param name="lease">How long a claim lasts.</param>
/// <param name="problems">Where a refused outcome is reported.</param>
/// <param name="logger">The service's.</param>
internal sealed partial class ClaimedRuns(string work, int places, TimeSpan lease, Problems problems, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly SemaphoreSlim _places = new(places);
    private readonly ILogger _logger = logger;

    /// <summary>Waits until at least one place is free; returns how many are. Only one caller may ask and then <see cref="Start"/>.</summary>
    public async Task<int> FreeAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return _places.Release() + 1;
    }

    /// <summary>Starts a claim's work; there must be a free place.</summary>
    /// <param name="id">The row's id, for messages.</param>
    /// <param name="runAsync">The work, with the recording of its outcome.</param>
    public void Start<TId>(TId id, Func<Task> runAsync)
    {
        if (!_places.Wait(0, CancellationToken.None)) throw new InvalidOperationException($"All {places} places are taken.");
        var task = RunAsync(id, runAsync);
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(
            ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Completes when the running claims are recorded, or at the host's time limit: then their leases hand them on.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_running.Keys).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LeftRunning(_running.Count, work, lease);
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task RunAsync<TId>(TId id, Func<Task> runAsync)
    {
        try
        {
            await runAsync();
        }
        catch (Exception exception)
        {
            NotRecorded(exception, work, $"{id}", lease);
            if (!DatabaseRefusal.IsRefusal(exception)) return;
            var name = $"{work} {id}";
            problems.Report(name, $"The outcome of {name} cannot be recorded: {DatabaseRefusal.Describe(exception)}");
        }
        finally
        {
            _places.Release();
        }
    }

    [LoggerMessage(107, LogLevel.Warning, "The outcome of {Work} {Id} could not be recorded; it is claimed again within {Lease}")]
    private partial void NotRecorded(Exception exception, string work, string id, TimeSpan lease);

    [LoggerMessage(109, LogLevel.Warning, "Stopped while {Count} claims of {Work} were running; they are claimed again within {Lease}")]
    private partial void LeftRunning(int count, string work, TimeSpan lease);
}
