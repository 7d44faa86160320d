using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;

namespace LocalHosting.Running;

/// <summary>
/// One resource from waiting to its end. Waiting: for those it waits for. Starting: its processes. Healthy: it serves. Then it either
/// runs until stopped, or ends by itself: well, where others wait for that end or nothing was expected to last; else it has died. Before
/// it was healthy that fails the run. After that it is started again, said out loud, as an orchestrator would; what keeps dying
/// (<see cref="Restarts"/>) fails the run, too. Under test nothing starts again by itself.
/// </summary>
internal sealed class RunningResource(RunContext run, IResource resource, IWork? work, IReadOnlySet<int> expectedCodes, Action<string> fail)
{
    private static readonly TimeSpan BeforeRestart = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<Child> _watched = [];
    private readonly Restarts _restarts = new(run.Time);
    private TaskCompletionSource _healthy = New();
    private TaskCompletionSource<int> _finished = New<int>();

    public IResource Resource { get; } = resource;

    public IWork? Work { get; } = work;

    public Task Healthy
    {
        get
        {
            lock (_lock)
                return _healthy.Task;
        }
    }

    public Task<int> Finished => _finished.Task;

    public bool HasStarted { get; private set; }

    private string Name => Resource.Name;

    private bool IsOneShot => expectedCodes.Count > 0;

    public async Task RunAsync(Func<IResource, RunningResource> others, CancellationToken ct)
    {
        try
        {
            foreach (var wait in Resource.Plan.Waits)
                await WaitAsync(others(wait.On), wait, ct);
            if (Resource is PostgresDatabaseResource database)
                await others(database.Parent).Healthy.WaitAsync(ct);
            await StartAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            _healthy.TrySetCanceled(ct);
        }
        catch (Exception e)
        {
            Fail(e is DistributedApplicationException ? e.Message : $"{Name} cannot be started: {e.Message}");
        }
    }

    /// <summary>Starts what is not running any more, after a test has killed it.</summary>
    public async Task StartAgainAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            _healthy = New();
            _finished = New<int>();
        }
        await StartAsync(ct);
    }

    private async Task StartAsync(CancellationToken ct)
    {
        HasStarted = true;
        var begun = run.Time.GetTimestamp();
        var says = "";
        if (Work is not null)
        {
            await Work.StartAsync(ct);
            using var died = CancellationTokenSource.CreateLinkedTokenSource(ct);
            foreach (var child in Work.Children.Where(_watched.Add))
                _ = WatchAsync(child, begun, died, ct);
            try
            {
                says = await Work.ReadyAsync(died.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return; // It died, and that has been said.
            }
            if (!IsOneShot)
                run.Screen.Say(Name, $"ready after {Seconds(begun)}{(says.Length > 0 ? $": {says}" : "")}");
        }
        _healthy.TrySetResult();
    }

    private static async Task WaitAsync(RunningResource other, WaitPlan wait, CancellationToken ct)
    {
        if (wait.ExitCode is null)
            await other.Healthy.WaitAsync(ct);
        else if (await other.Finished.WaitAsync(ct) is var code && code != wait.ExitCode)
            throw new DistributedApplicationException($"{other.Name} ended with exit code {code}; {wait.ExitCode} was waited for.");
    }

    private async Task WatchAsync(Child child, long begun, CancellationTokenSource died, CancellationToken ct)
    {
        var code = await child.Exited;
        if (child.IsStopping)
            return;
        if (expectedCodes.Contains(code) || (code == 0 && !IsOneShot && Resource.Plan.Endpoints.Count == 0))
        {
            if (Work!.Children.All(c => c.Exited.IsCompleted))
            {
                run.Screen.Say(Name, $"done after {Seconds(begun)}");
                _finished.TrySetResult(code);
            }
            return;
        }
        if (MayStartAgain())
        {
            await StartAgainLoudlyAsync(Died(child, code, begun), ct);
            return;
        }
        Fail(Died(child, code, begun));
        try
        {
            await died.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It was ready before it died.
        }
    }

    private bool MayStartAgain()
    {
        // Only where "healthy" has been asked for; else it would be a resource that dies at start.
        var wasWell = Healthy.IsCompletedSuccessfully && (Resource.Plan.Health is not null || Resource is PostgresServerResource or KafkaServerResource or RedisResource);
        return wasWell && !run.IsTest && !IsOneShot && Work!.CanStartAgain && _restarts.TryTake();
    }

    private async Task StartAgainLoudlyAsync(string message, CancellationToken ct)
    {
        try
        {
            run.Screen.Fail($"{message}{Environment.NewLine}{Name} is started again.");
            await Task.Delay(BeforeRestart, run.Time, ct);
            await StartAgainAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The whole system is stopping.
        }
        catch (Exception e)
        {
            Fail($"{Name} cannot be started again: {e.Message}");
        }
    }

    private string Died(Child child, int code, long begun)
    {
        var how = code > 128 ? $"exit code {code} (signal {code - 128})" : $"exit code {code}";
        var when = Healthy.IsCompletedSuccessfully && !IsOneShot ? "" : ", before it was ready";
        var last = child.LastLines;
        var lines = last.Count == 0 ? " It had written nothing." : $" Its last lines:{string.Concat(last.Select(line => $"{Environment.NewLine}    {line}"))}";
        return $"{Name} died with {how}, {Seconds(begun)} after its start{when}.{lines}";
    }

    private void Fail(string message)
    {
        var failure = new DistributedApplicationException(message);
        lock (_lock)
        {
            if (!_healthy.TrySetException(failure))
            {
                _healthy = New();
                _healthy.SetException(failure);
            }
        }
        _finished.TrySetException(failure);
        Resource.Plan.ConnectionString.TrySetException(failure);
        // Whoever does not wait for this resource leaves these unread.
        _ = (_healthy.Task.Exception, _finished.Task.Exception, Resource.Plan.ConnectionString.Task.Exception);
        fail(message);
    }

    private string Seconds(long since) => string.Create(CultureInfo.InvariantCulture, $"{run.Time.GetElapsedTime(since).TotalSeconds:0.0} s");

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
