using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace LocalHosting;

/// <summary>What the person who started the system reads on the console: warnings and errors of every resource, and when all of it is ready.</summary>
public static partial class ConsoleLines
{
    /// <summary>Writes resources' warnings and errors to the console, and one line when every resource that is open to the outside is ready.</summary>
    /// <param name="builder">The application, with all of its resources.</param>
    public static IDistributedApplicationBuilder WriteToConsole(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;
        builder.Eventing.Subscribe<InitializeResourceEvent>((initialize, stop) =>
        {
            _ = FollowAsync(initialize.Services.GetRequiredService<ResourceLoggerService>(), initialize.Resource, stop);
            return Task.CompletedTask;
        });

        var open = builder.Resources.OfType<IResourceWithEndpoints>()
            .Where(resource => resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal)).ToArray();
        var awaited = new ConcurrentDictionary<IResource, bool>(open.Select(resource => KeyValuePair.Create<IResource, bool>(resource, true)));
        foreach (var resource in open)
        {
            builder.Eventing.Subscribe<ResourceReadyEvent>(resource, (_, _) =>
            {
                if (awaited.TryRemove(resource, out _) && awaited.IsEmpty) SayReady(open, builder.Configuration["ASPNETCORE_URLS"]);
                return Task.CompletedTask;
            });
        }

        return builder;
    }

    private static async Task FollowAsync(ResourceLoggerService logs, IResource resource, CancellationToken stop)
    {
        await foreach (var lines in logs.WatchAsync(resource).WithCancellation(stop))
        {
            foreach (var line in lines.Where(line => Alarm().IsMatch(line.Content))) Console.Error.WriteLine($"[{resource.Name}] {line.Content}");
        }
    }

    private static void SayReady(IResourceWithEndpoints[] open, string? dashboard)
    {
        using var self = Process.GetCurrentProcess();
        var took = TimeProvider.System.GetUtcNow() - self.StartTime.ToUniversalTime();
        var urls = open.SelectMany(resource => resource.GetEndpoints().Select(endpoint => $"{resource.Name} {endpoint.Url}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Environment.NewLine}Ready in {took.TotalSeconds:0.0} s: {string.Join(", ", urls)}, dashboard {dashboard?.Split(';')[0]}. Ctrl-C stops everything.{Environment.NewLine}"));
    }

    // A service's own lines (warn:, fail:, crit:), PostgreSQL's, Redis' and Kafka's, and what .NET writes when a program ends by an exception.
    [GeneratedRegex(@"\b(warn|fail|crit): |\b(WARNING|FATAL|PANIC|ERROR): | (WARN|ERROR|FATAL) | # (Fatal|Failed|Could not)|Unhandled exception|^[A-Za-z].*: .*--DataFolder=")]
    private static partial Regex Alarm();
}
