using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LocalHosting;

/// <summary>How a resource that died is started again. Read when it dies, so that a test can change it while the system runs.</summary>
public sealed class RestartAnnotation : IResourceAnnotation
{
    /// <summary>From its death to its next start.</summary>
    public TimeSpan After { get; set; } = TimeSpan.FromMilliseconds(500);

    internal Queue<DateTimeOffset> Recent { get; } = new();
}

/// <summary>
/// Starts again what dies, as Kubernetes or systemd would: Aspire itself leaves it to a click in the dashboard. Started again is what was well before (one that
/// fails at its start would fail again) and ended with an exit code other than 0 (0: it was told to stop). After five restarts in a minute it stays down.
/// </summary>
public static class Restarts
{
    private const int Most = 5, LastLines = 20;
    private const string OrchestratorsOwn = "[sys] ";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Watches every service, and every process that runs a server.</summary>
    /// <param name="builder">The application, with all of its resources.</param>
    public static IDistributedApplicationBuilder RestartWhatDies(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        var awaited = builder.Resources.SelectMany(user => user.Annotations.OfType<WaitAnnotation>())
            .Where(wait => wait.WaitType == WaitType.WaitForCompletion).Select(wait => wait.Resource).ToHashSet();
        var well = new ConcurrentDictionary<string, bool>();
        foreach (var resource in builder.Resources.Where(resource => resource is ProjectResource or ExecutableResource))
        {
            // A server's process is well when the server is.
            var parent = resource.Annotations.OfType<ResourceRelationshipAnnotation>().FirstOrDefault(relation => relation.Type == "Parent");
            var answers = parent?.Resource ?? resource;
            resource.Annotations.Add(new RestartAnnotation());
            builder.Eventing.Subscribe<ResourceReadyEvent>(answers, (_, _) =>
            {
                well[resource.Name] = !awaited.Contains(resource); // What is waited for to end has done its work, or has failed at it.
                return Task.CompletedTask;
            });
            builder.Eventing.Subscribe<ResourceStoppedEvent>(resource, (stopped, stop) =>
            {
                _ = AfterAsync(stopped, well.GetValueOrDefault(resource.Name), stop);
                return Task.CompletedTask;
            });
        }

        return builder;
    }

    private static async Task AfterAsync(ResourceStoppedEvent stopped, bool wasWell, CancellationToken stop)
    {
        var (name, code) = (stopped.Resource.Name, stopped.ResourceEvent.Snapshot.ExitCode);
        var stopping = stopped.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        if (code is null or 0 || stopping.IsCancellationRequested) return;
        var died = $"{name} died with exit code {code}{(code > 128 ? $" (signal {code - 128})" : code < 0 ? " (a signal)" : "")}";
        if (!wasWell)
        {
            var log = string.Join(Environment.NewLine, await LastLinesAsync(stopped));
            Console.Error.WriteLine(
                $"{died} before it was ready. What waits for it is not started; the dashboard can start it again. "
                + $"Its last lines:{Environment.NewLine}{log}");
            return;
        }

        var annotation = stopped.Resource.Annotations.OfType<RestartAnnotation>().Single();
        if (!MayStart(annotation, TimeProvider.System.GetUtcNow()))
        {
            Console.Error.WriteLine($"{died}, for the sixth time in a minute, and stays down. Its log is in the dashboard, where it can be started again.");
            return;
        }

        Console.Error.WriteLine($"{died}, and is started again.");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, stopping);
        try
        {
            await Task.Delay(annotation.After, either.Token);
            var commands = stopped.Services.GetRequiredService<ResourceCommandService>();
            var result = await commands.ExecuteCommandAsync(stopped.ResourceEvent.ResourceId, KnownResourceCommands.StartCommand, either.Token);
            if (!result.Success) Console.Error.WriteLine($"{name} could not be started again: {result.Message}");
        }
        catch (OperationCanceledException)
        {
            // The system is stopping.
        }
    }

    private static async Task<IEnumerable<string>> LastLinesAsync(ResourceStoppedEvent stopped)
    {
        var last = new Queue<string>();
        await foreach (var lines in stopped.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(stopped.ResourceEvent.ResourceId))
        {
            foreach (var line in lines.Select(ConsoleLines.Plain).Where(line => !line.StartsWith(OrchestratorsOwn, StringComparison.Ordinal)))
            {
                if (last.Count == LastLines) last.Dequeue();
                last.Enqueue($"    {line}");
            }
        }

        return last;
    }

    private static bool MayStart(RestartAnnotation annotation, DateTimeOffset now)
    {
        lock (annotation)
        {
            while (annotation.Recent.TryPeek(out var oldest) && now - oldest > Window) annotation.Recent.Dequeue();
            if (annotation.Recent.Count == Most) return false;
            annotation.Recent.Enqueue(now);
            return true;
        }
    }
}
