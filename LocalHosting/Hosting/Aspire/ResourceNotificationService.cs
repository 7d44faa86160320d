using LocalHosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What the resources are up to.</summary>
public class ResourceNotificationService
{
    private readonly SystemRun _system;

    internal ResourceNotificationService(SystemRun system) => _system = system;

    /// <summary>Completes when the resource is healthy.</summary>
    /// <param name="resourceName">Its name.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="DistributedApplicationException">It died, or one that it waits for; the message has its last lines.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var resource = _system.Find(resourceName);
        await resource.Healthy.WaitAsync(cancellationToken);
        return new(resource.Resource, resourceName);
    }
}

/// <summary>That something happened to a resource.</summary>
public class ResourceEvent
{
    internal ResourceEvent(IResource resource, string resourceId) => (Resource, ResourceId) = (resource, resourceId);

    /// <summary>The resource.</summary>
    public IResource Resource { get; }

    /// <summary>Its name.</summary>
    public string ResourceId { get; }
}
