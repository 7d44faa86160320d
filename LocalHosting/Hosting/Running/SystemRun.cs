using Aspire.Hosting.ApplicationModel;
using LocalHosting.Packages;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Running;

/// <summary>
/// One run of the whole table. Nothing is started before everything that can be checked beforehand has been: values given, packages there,
/// ports free, data folders ours. Then every resource goes its own way (RunningResource); at the end they go in reverse order of need.
/// </summary>
internal sealed class SystemRun(RunContext run, IReadOnlyList<IResource> resources) : IAsyncDisposable
{
    private readonly Dictionary<IResource, RunningResource> _running = [];
    private readonly Dictionary<IResource, Task> _stops = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<string> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _stopped;
    private Task[] _runs = [];

    /// <summary>Completes with what to show when a resource fails.</summary>
    public Task<string> Failure => _failure.Task;

    /// <summary>Completes when every resource that lasts is healthy and every other one has ended well.</summary>
    public Task Ready => Task.WhenAll(_running.Values.Select(r => IsOneShot(r.Resource) ? r.Finished : r.Healthy));

    public RunningResource Find(string name) => _running.Values.FirstOrDefault(r => r.Resource.Name == name)
        ?? throw new ArgumentException($"There is no resource '{name}'. There are: {string.Join(", ", resources.Select(r => r.Name))}.", nameof(name));

    public async Task StartAsync(CancellationToken ct)
    {
        StartOrder.Check(resources);
        foreach (var parameter in resources.OfType<ParameterResource>())
            await parameter.GetValueAsync(ct);
        await DebianPackages.EnsureAsync(run, Works.Packages(resources, run), ct);
        foreach (var resource in resources)
            resource.Plan.Replicas = run.Configuration.GetValue($"LocalHosting:Replicas:{resource.Name}", resource.Plan.Replicas);
        foreach (var resource in resources)
            run.Ports.Allocate(resource, run.Configuration, useFixed: !run.IsTest);
        foreach (var resource in resources)
        {
            var codes = resources.SelectMany(r => r.Plan.Waits).Where(w => w.On == resource).Select(w => w.ExitCode).OfType<int>().ToHashSet();
            _running[resource] = new(run, resource, Works.For(resource, run), codes, message => _failure.TrySetResult(message));
        }
        _runs = [.. _running.Values.Select(r => r.RunAsync(other => _running[other], _stopping.Token))];
    }

    /// <summary>Stops everything, those that use others first. Called twice it is done once.</summary>
    public Task StopAsync()
    {
        lock (_stops)
            return _stopped ??= StopAllAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var work in _running.Values.Select(r => r.Work).OfType<IDisposable>())
            work.Dispose();
        run.Dispose();
        _stopping.Dispose();
    }

    private async Task StopAllAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_runs);
        await Task.WhenAll(_running.Keys.ToList().Select(StopOnce));
    }

    private Task StopOnce(IResource resource)
    {
        lock (_stops)
        {
            if (!_stops.TryGetValue(resource, out var stop))
                _stops[resource] = stop = StopAfterUsersAsync(resource);
            return stop;
        }
    }

    private async Task StopAfterUsersAsync(IResource resource)
    {
        await Task.WhenAll(resources.Where(user => StartOrder.Needs(user).Contains(resource)).Select(StopOnce));
        if (_running[resource].Work is { } work)
            await work.StopAsync();
    }

    private bool IsOneShot(IResource resource) => resources.Any(r => r.Plan.Waits.Any(w => w.On == resource && w.ExitCode is not null));
}
