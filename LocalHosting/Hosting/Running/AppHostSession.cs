using Aspire.Hosting;

namespace LocalHosting.Running;

/// <summary>
/// An AppHost's own top-level code, run by a test. It runs on a thread of its own up to Build(), where the test gets the table;
/// BuildAsync lets it go on with the built system, and its Run() returns when the test is done with that.
/// </summary>
internal sealed class AppHostSession
{
    /// <summary>Flows into the AppHost's code with the thread that runs it: CreateBuilder finds it here, whatever it was called from.</summary>
    private static readonly AsyncLocal<AppHostSession?> Ambient = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _table = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AppHostSession(System.Reflection.Assembly appHost) => AppHost = appHost;

    public static AppHostSession? Current => Ambient.Value;

    public System.Reflection.Assembly AppHost { get; }

    /// <summary>The table, when the AppHost's code has come to Build().</summary>
    public Task<DistributedApplicationBuilder> Table => _table.Task;

    public void Start(string[] args)
    {
        var entry = AppHost.EntryPoint ?? throw new ArgumentException($"{AppHost.GetName().Name} is no program: it has no entry point.");
        new Thread(() =>
        {
            Ambient.Value = this;
            try
            {
                var returned = entry.Invoke(null, entry.GetParameters().Length == 0 ? null : [args]);
                (returned as Task)?.GetAwaiter().GetResult();
                _table.TrySetException(new InvalidOperationException($"{AppHost.GetName().Name} ended without calling Build()."));
            }
            catch (Exception e)
            {
                var cause = (e as System.Reflection.TargetInvocationException)?.InnerException ?? e;
                _table.TrySetException(cause);
            }
        })
        { IsBackground = true, Name = $"entry point of {AppHost.GetName().Name}" }.Start();
    }

    /// <summary>Called by Build() on the AppHost's thread.</summary>
    public DistributedApplication HandOver(DistributedApplicationBuilder table)
    {
        _table.TrySetResult(table);
        return _built.Task.GetAwaiter().GetResult();
    }

    public void GoOn(DistributedApplication built) => _built.TrySetResult(built);

    /// <summary>The test went away without building.</summary>
    public void GiveUp() => _built.TrySetCanceled();
}
