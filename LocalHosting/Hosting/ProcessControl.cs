using Aspire.Hosting;

namespace LocalHosting;

/// <summary>For tests that kill things: which processes a resource is, and how it comes back.</summary>
public static class ProcessControl
{
    /// <summary>Process ids of a resource's replicas, those still running; none for a database or an external broker.</summary>
    public static IReadOnlyList<int> ProcessIds(this DistributedApplication app, string resourceName) =>
        [.. app.System.Find(resourceName).Work?.Children.Where(child => !child.Exited.IsCompleted).Select(child => child.Id) ?? []];

    /// <summary>Completes when none of the resource's processes is running any more.</summary>
    public static Task WaitForExitAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        Task.WhenAll(app.System.Find(resourceName).Work?.Children.Select(child => child.Exited) ?? []).WaitAsync(cancellationToken);

    /// <summary>Starts again what was killed, on the same ports and data; returns when it is healthy.</summary>
    public static Task StartAgainAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default) =>
        app.System.Find(resourceName).StartAgainAsync(cancellationToken);
}
