using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Running;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>The whole system: to be run by its AppHost, or started and asked by a test.</summary>
public class DistributedApplication : IAsyncDisposable, IDisposable
{
    private readonly RunContext _context;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal DistributedApplication(IReadOnlyList<IResource> resources, IConfiguration configuration, string folder, bool isTest)
    {
        var quiet = isTest && Environment.GetEnvironmentVariable("LOCALHOSTING_LOGS") != "1";
        _context = new(configuration, folder, isTest, TimeProvider.System) { Screen = new(!quiet, resources.Max(r => (int?)r.Name.Length) ?? 0) };
        Resources = resources;
        System = new(_context, resources);
        ResourceNotifications = new(System);
    }

    /// <summary>What the resources are up to.</summary>
    public ResourceNotificationService ResourceNotifications { get; }

    internal IReadOnlyList<IResource> Resources { get; }

    internal SystemRun System { get; }

    /// <summary>A table to be filled.</summary>
    /// <param name="args">The program's: <c>--Parameters:name=value</c>.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        new DistributedApplicationBuilder(args, AppHostSession.Current?.AppHost ?? Assembly.GetEntryAssembly(), AppHostSession.Current);

    /// <summary>Runs until Ctrl-C, SIGTERM or the failure of a resource; then the exit code is 1.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Run" />
    /// <param name="cancellationToken">Ends it, too.</param>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        // A test starts and stops the system itself; the AppHost's code waits for the end of that.
        if (AppHostSession.Current is not null)
            await _disposed.Task;
        else if (!await new ConsoleRun(_context, System, Resources).RunAsync(cancellationToken))
            Environment.ExitCode = 1;
    }

    /// <summary>Starts everything; what must wait for others is started in the background as they get ready.</summary>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="DistributedApplicationException">A value, package or port is missing; nothing was started.</exception>
    public virtual Task StartAsync(CancellationToken cancellationToken = default) => System.StartAsync(cancellationToken);

    /// <summary>Stops everything, in reverse order.</summary>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => System.StopAsync().WaitAsync(cancellationToken);

    /// <summary>Stops everything and deletes what is not kept.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        _disposed.TrySetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="DisposeAsync" />
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}
