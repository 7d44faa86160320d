using Faults.Running;

namespace Faults.Kinds;

/// <summary>Something that goes wrong for a while.</summary>
/// <param name="name">What goes wrong.</param>
/// <param name="parts">Where: a resource, or the two ends of a link.</param>
internal abstract class Fault(string name, params string[] parts)
{
    private static readonly string[] UsersOfPostgres = [RunningSystem.Ingest, RunningSystem.Worker, RunningSystem.Query];

    public string Name => name;

    public IReadOnlyList<string> Parts => parts;

    public string On => string.Join(" - ", parts);

    /// <summary>How long it lasts.</summary>
    public TimeSpan Lasts { get; init; }

    /// <summary>Whether a worker may be cut off for good between calling Processing__Url and recording that it did.</summary>
    public virtual bool MayRepeatCalls => false;

    /// <summary>Whether the service itself cannot answer meanwhile.</summary>
    public virtual bool Silences(string service) => false;

    /// <summary>Whether what a service needs is gone, so that its /health must say no.</summary>
    public virtual bool MakesUnready(string service) => false;

    public abstract Task BeginAsync(RunningSystem system, CancellationToken stop);

    public abstract Task EndAsync(RunningSystem system, CancellationToken stop);

    public override string ToString() => $"{Name} {On}";

    /// <summary>Whether a server's users have lost it: Ingest.Api goes on without the broker, the worker does not.</summary>
    protected static bool Needs(string service, string server) => server switch
    {
        RunningSystem.Postgres => UsersOfPostgres.Contains(service),
        RunningSystem.Broker => service == RunningSystem.Worker,
        _ => false,
    };
}
