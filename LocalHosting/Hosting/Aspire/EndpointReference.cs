using LocalHosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a resource listens; has a port once the system is started.</summary>
/// <param name="owner">The resource.</param>
/// <param name="endpointName">Name of its endpoint, <c>http</c> for most.</param>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName)
{
    /// <summary>The resource.</summary>
    public IResourceWithEndpoints Resource { get; } = owner;

    /// <summary>Name of the endpoint.</summary>
    public string EndpointName { get; } = endpointName;

    /// <summary>Whether the endpoint was added to the resource.</summary>
    public bool Exists => Find() is not null;

    /// <summary>Whether its port is known.</summary>
    public bool IsAllocated => Find() is { Ports.Count: > 0 };

    /// <summary>Always the loopback address.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The port (of the first replica).</summary>
    public int Port => Plan.Port;

    /// <summary><c>http</c> or <c>tcp</c>.</summary>
    public string Scheme => Plan.Scheme;

    /// <summary>Such as <c>http://127.0.0.1:8000</c>.</summary>
    public string Url => $"{Scheme}://{Host}:{Port}";

    /// <summary>Its <see cref="Url"/>.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Url);

    private EndpointPlan Plan => Find() ?? throw new InvalidOperationException(
        $"Resource '{Resource.Name}' has no endpoint '{EndpointName}'. Give it one in AppHost.cs: .WithHttpEndpoint(name: \"{EndpointName}\").");

    private EndpointPlan? Find() => Resource.Plan.Endpoints.FirstOrDefault(e => e.Name == EndpointName);
}

/// <summary>What <c>WithReference</c> puts into the environment.</summary>
[Flags]
public enum ReferenceEnvironmentInjectionFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>ConnectionStrings__name</c>.</summary>
    ConnectionString = 1,

    /// <summary>Host, port, user and password each on their own; never given here.</summary>
    ConnectionProperties = 2,

    /// <summary><c>services__name__http__0</c>.</summary>
    ServiceDiscovery = 4,

    /// <summary><c>NAME_HTTP</c>; never given here.</summary>
    Endpoints = 8,

    /// <summary>All of them.</summary>
    All = ConnectionString | ConnectionProperties | ServiceDiscovery | Endpoints,
}
