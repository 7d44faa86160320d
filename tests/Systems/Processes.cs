using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting;
using Microsoft.Extensions.DependencyInjection;
using Support;

namespace Systems;

/// <summary>A process of a resource. With a server that a script runs it is the script's child.</summary>
/// <param name="Id">Aspire's name for the instance that it is: a resource has as many as replicas.</param>
/// <param name="Started">The process that Aspire has started.</param>
/// <param name="Pid">The one that does the work.</param>
public sealed record Instance(string Id, int Started, int Pid);

/// <summary>The processes of an application's resources, as Aspire reports them: who they are, when they end, and that they come back.</summary>
public sealed class Processes : IDisposable
{
    private const string PidProperty = "executable.pid"; // Aspire's KnownProperties.Executable.Pid, which is internal.
    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(60), ToStart = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, ResourceEvent> _states = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly DistributedApplication _app;
    private readonly DistributedApplicationModel _model;

    /// <param name="app">Built, and not yet started.</param>
    public Processes(DistributedApplication app)
    {
        _app = app;
        _model = app.Services.GetRequiredService<DistributedApplicationModel>();
        _ = FollowAsync();
    }

    /// <summary>The processes of a resource that run.</summary>
    public IReadOnlyList<Instance> Of(string resource)
    {
        var program = ProgramOf(resource);
        var isScript = program is ExecutableResource executable && executable.Command.EndsWith(".sh", StringComparison.Ordinal);
        return
        [
            .. from state in _states.Values
               where state.Resource == program && state.Snapshot.State?.Text == KnownResourceStates.Running
               let started = StartedBy(state)
               where started is not null
               from pid in isScript ? Proc.ChildrenOf([started.Value]) : [started.Value]
               orderby state.ResourceId, pid
               select new Instance(state.ResourceId, started.Value, pid),
        ];
    }

    /// <summary>Every resource with its state.</summary>
    public string Describe() => string.Join(", ", _states.Values.OrderBy(state => state.ResourceId, StringComparer.Ordinal).Select(state =>
        $"{state.Resource.Name} {state.Snapshot.State?.Text} {state.Snapshot.HealthStatus} {state.Snapshot.ExitCode}".TrimEnd()));

    /// <summary>Their numbers.</summary>
    public IReadOnlyList<int> Pids(string resource) => [.. Of(resource).Select(instance => instance.Pid)];

    /// <summary>How long after its death the product starts the resource again, from now on.</summary>
    public void RestartAfter(string resource, TimeSpan after) => ProgramOf(resource).Annotations.OfType<RestartAnnotation>().Single().After = after;

    /// <summary>The command line's program.</summary>
    public string Command(string resource) => ProgramOf(resource) is ExecutableResource executable
        ? executable.Command
        : ProgramOf(resource).Annotations.OfType<ExecutableAnnotation>().Last().Command;

    /// <summary>Waits until it has ended, and Aspire has seen it.</summary>
    /// <returns>Its exit code; null when it has been started again since.</returns>
    public async Task<int?> UntilEndedAsync(Instance instance, CancellationToken stop) => (await Eventually.GetAsync(
        _ => Task.FromResult(_states[instance.Id]), state => StartedBy(state) != instance.Started || IsOver(state), stop, ToEnd)).Snapshot is { } snapshot
        && KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text) ? snapshot.ExitCode : null;

    /// <summary>Starts again, as a click in the dashboard does, what was told to stop; returns when it runs.</summary>
    public async Task StartAgainAsync(Instance instance, CancellationToken stop)
    {
        var commands = _app.Services.GetRequiredService<ResourceCommandService>();
        var result = await commands.ExecuteCommandAsync(instance.Id, KnownResourceCommands.StartCommand, stop);
        if (!result.Success) throw new InvalidOperationException($"{instance.Id} could not be started again: {result.Message}");
        await UntilBackAsync(instance, stop);
    }

    /// <summary>Waits until another process does its work, whoever starts it.</summary>
    public Task UntilBackAsync(Instance instance, CancellationToken stop) => Eventually.TrueAsync(
        _ => Task.FromResult(Of(_states[instance.Id].Resource.Name).Any(other => other.Id == instance.Id && other.Started != instance.Started)), stop, ToStart);

    /// <summary>Waits until it has ended and is back: by the product where it died, by us where it was told to stop (exit code 0).</summary>
    public async Task UntilReplacedAsync(Instance instance, CancellationToken stop)
    {
        if (await UntilEndedAsync(instance, stop) == 0) await StartAgainAsync(instance, stop);
        else await UntilBackAsync(instance, stop);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var change in _app.ResourceNotifications.WatchAsync(_stop.Token)) _states[change.ResourceId] = change;
        }
        catch (OperationCanceledException)
        {
            // Nobody asks any more.
        }
    }

    // A server that runs as a process has it below itself.
    private IResource ProgramOf(string resource) =>
        _model.Resources.FirstOrDefault(other => other.Name == $"{resource}-process") ?? _model.Resources.Single(other => other.Name == resource);

    private static bool IsOver(ResourceEvent state) =>
        KnownResourceStates.TerminalStates.Contains(state.Snapshot.State?.Text) && state.Snapshot.ExitCode is not null;

    private static int? StartedBy(ResourceEvent state) => state.Snapshot.Properties.FirstOrDefault(property => property.Name == PidProperty)?.Value is { } pid
        ? Convert.ToInt32(pid, CultureInfo.InvariantCulture)
        : null;
}
