using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Running;

/// <summary>What AppHost.cs asks of one resource; filled by the With... calls, read when the system is started.</summary>
internal sealed class ResourcePlan
{
    public List<EndpointPlan> Endpoints { get; } = [];

    public List<string> Args { get; } = [];

    public List<EnvironmentPlan> Environment { get; } = [];

    public List<WaitPlan> Waits { get; } = [];

    public List<ConnectionPlan> Connections { get; } = [];

    public List<IResourceWithServiceDiscovery> Services { get; } = [];

    public HealthPlan? Health { get; set; }

    public int Replicas { get; set; } = 1;

    public ReferenceEnvironmentInjectionFlags Injection { get; set; } = ReferenceEnvironmentInjectionFlags.All;

    /// <summary>Variables a server gives to whoever references it, beside its connection string.</summary>
    public Dictionary<string, string> ForClients { get; } = [];

    /// <summary>Set by the server that is started for this resource: its port is known only then.</summary>
    public TaskCompletionSource<string> ConnectionString { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>An endpoint: with a fixed port where AppHost.cs names one, a port for each replica once started.</summary>
internal sealed class EndpointPlan(string name, string scheme)
{
    public string Name { get; } = name;

    public string Scheme { get; } = scheme;

    public int? FixedPort { get; set; }

    /// <summary>Variable that tells the process its port, beside ASPNETCORE_URLS.</summary>
    public string? PortVariable { get; set; }

    public bool External { get; set; }

    public List<int> Ports { get; } = [];

    public int Port => Ports.Count > 0 ? Ports[0] : throw new InvalidOperationException($"Endpoint '{Name}' has no port before the system is started.");
}

internal sealed record EnvironmentPlan(string Name, Func<CancellationToken, ValueTask<string?>> Value);

internal sealed record WaitPlan(IResource On, int? ExitCode);

internal sealed record ConnectionPlan(IResourceWithConnectionString Source, string? ConnectionName, bool Optional);

internal sealed record HealthPlan(string Path, int Status, string? Endpoint);

internal static class ResourcePlanExtensions
{
    public static async ValueTask<string?> ConnectionString(this IResource resource, CancellationToken ct) =>
        await resource.Plan.ConnectionString.Task.WaitAsync(ct);
}
