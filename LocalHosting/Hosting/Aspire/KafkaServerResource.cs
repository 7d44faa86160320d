using Aspire.Hosting.ApplicationModel;
using LocalHosting.Running;

namespace Aspire.Hosting;

/// <summary>A Kafka broker: embedded, real, or somebody else's (docs/architecture.md).</summary>
/// <param name="name">Its name.</param>
public class KafkaServerResource(string name) : Resource(name), IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithWaitSupport
{
    string? IResourceWithConnectionString.ConnectionStringEnvironmentVariable => null;

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => this.ConnectionString(cancellationToken);
}

/// <summary>Aspire's web page for Kafka: there is none without containers, and asking for it does nothing.</summary>
/// <param name="name">Its name.</param>
public sealed class KafkaUIContainerResource(string name) : Resource(name);

/// <summary>A resource that others find by its name: <c>services__name__http__0</c>.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
