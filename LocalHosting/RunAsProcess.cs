using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LocalHosting;

/// <summary>
/// Runs a server as a process instead of a container. The server keeps its place in the model: endpoint, connection string, health check and waits stay its
/// own. The process stands below it as NAME-process, started by Aspire's orchestrator as any program is; the server's state follows the process's.
/// </summary>
internal static class RunAsProcessExtensions
{
    private static readonly TimeSpan ListenLimit = TimeSpan.FromMinutes(1), ListenPoll = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns the process, to be given arguments and environment.</summary>
    public static IResourceBuilder<ExecutableResource> RunAsProcess<T>(this IResourceBuilder<T> builder, string command)
        where T : ContainerResource, IResourceWithConnectionString
    {
        var (server, application) = (builder.Resource, builder.ApplicationBuilder);
        foreach (var container in server.Annotations.Where(a => a is ContainerImageAnnotation or ContainerMountAnnotation).ToList())
            server.Annotations.Remove(container);

        // Nothing between client and server: the port that Aspire picks is the one that the process listens on.
        foreach (var endpoint in server.Annotations.OfType<EndpointAnnotation>()) (endpoint.TargetPort, endpoint.IsProxied) = (null, false);

        var process = application.AddExecutable($"{server.Name}-process", command, application.AppHostDirectory)
            .WithParentRelationship(server).WithIconName("Apps").ExcludeFromManifest()
            .WithEnvironment("OWNER", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        foreach (var wait in server.Annotations.OfType<WaitAnnotation>()) process.WithAnnotation(wait);
        application.Eventing.Subscribe<InitializeResourceEvent>(server, async (initialize, stop) =>
        {
            foreach (var endpoint in server.Annotations.OfType<EndpointAnnotation>())
                endpoint.AllocatedEndpoint = new(endpoint, "127.0.0.1", endpoint.Port!.Value);
            await initialize.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(server, initialize.Services), stop);
            var databases = application.Resources.OfType<IResourceWithParent>().Where(child => child.Parent == server).ToArray();
            _ = new Following(initialize, server, databases, process.Resource).RunAsync(stop);
        });
        return process;
    }

    /// <summary>Carries the process's state over to the server and its databases.</summary>
    private sealed class Following(InitializeResourceEvent context, IResource server, IResource[] databases, IResource process)
    {
        public async Task RunAsync(CancellationToken stop)
        {
            foreach (var resource in databases.Prepend(server).OfType<IResourceWithConnectionString>())
                await context.Eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, context.Services), stop);

            // Aspire creates databases when their server is ready; they are running from then on.
            context.Eventing.Subscribe<ResourceReadyEvent>(
                server, (_, _) => SetAsync(databases, snapshot => snapshot with { State = KnownResourceStates.Running }));
            string? last = null;
            await foreach (var change in context.Notifications.WatchAsync(stop))
            {
                if (change.Resource != process || change.Snapshot.State?.Text is not { } state || state == last) continue;
                last = state;
                if (state == KnownResourceStates.Running) await ListensAsync(stop);
                await SetAsync(state == KnownResourceStates.Running ? [server] : [server, .. databases], snapshot => Like(change.Snapshot, snapshot));
            }
        }

        private static CustomResourceSnapshot Like(CustomResourceSnapshot process, CustomResourceSnapshot snapshot) => snapshot with
        {
            State = process.State,
            ExitCode = process.ExitCode,
            StartTimeStamp = process.StartTimeStamp,
            StopTimeStamp = process.StopTimeStamp,
        };

        private async Task SetAsync(IResource[] resources, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
        {
            foreach (var resource in resources) await context.Notifications.PublishUpdateAsync(resource, change);
        }

        // The server is running only when it listens: Aspire asks for its health at once, and again after 1, 2, 3 and more seconds when it is not well.
        private async Task ListensAsync(CancellationToken stop)
        {
            var port = server.Annotations.OfType<EndpointAnnotation>().First().Port!.Value;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(ListenLimit);
            while (!limit.IsCancellationRequested)
            {
                try
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                    return;
                }
                catch (Exception exception) when (exception is SocketException or OperationCanceledException && !stop.IsCancellationRequested)
                {
                    await Task.Delay(ListenPoll, stop);
                }
            }
        }
    }
}
