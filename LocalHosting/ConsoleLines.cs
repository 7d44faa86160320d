using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LocalHosting;

/// <summary>What the person who started the system reads on the console: warnings and errors of every resource, and when all of it is ready.</summary>
public static partial class ConsoleLines
{
    private const int LongestLine = 400; // A request that the front door could not forward is a line of 6,000 with its stack.

    /// <summary>Writes resources' warnings and errors to the console, and one line when every service is ready.</summary>
    /// <param name="builder">The application, with all of its resources.</param>
    public static IDistributedApplicationBuilder WriteToConsole(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return builder;

        // A page of stack for each health check that fails, which the dashboard shows in a word, and for Ctrl-C while something still starts.
        builder.Services.AddLogging(logging => logging
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None));
        builder.Eventing.Subscribe<InitializeResourceEvent>((initialize, stop) =>
        {
            _ = FollowAsync(initialize.Services.GetRequiredService<ResourceLoggerService>(), initialize.Resource, stop);
            return Task.CompletedTask;
        });

        // Not the process's start: it may start one system after another, as the benchmarks do.
        var began = TimeProvider.System.GetTimestamp();

        // One that is waited for to end, such as a migration, is ready when it is started; its end is what the others wait for.
        var services = builder.Resources.OfType<ProjectResource>().ToArray();
        var awaited = new ConcurrentDictionary<IResource, bool>(services.Select(service => KeyValuePair.Create<IResource, bool>(service, true)));
        foreach (var service in services)
        {
            builder.Eventing.Subscribe<ResourceReadyEvent>(service, (_, _) =>
            {
                if (awaited.TryRemove(service, out _) && awaited.IsEmpty) SayReady(services, TimeProvider.System.GetElapsedTime(began), builder.Configuration);
                return Task.CompletedTask;
            });
        }

        return builder;
    }

    private static async Task FollowAsync(ResourceLoggerService logs, IResource resource, CancellationToken stop)
    {
        await foreach (var lines in logs.WatchAsync(resource).WithCancellation(stop))
        {
            foreach (var line in lines.Select(Plain).Where(line => Alarm().IsMatch(line)))
                Console.Error.WriteLine($"[{resource.Name}] {(line.Length > LongestLine ? $"{line[..LongestLine]}... (whole in the dashboard)" : line)}");
        }
    }

    /// <summary>A line of a log as its program wrote it, without colours.</summary>
    internal static string Plain(LogLine line) => Decoration().Replace(line.Content, "");

    private static void SayReady(ProjectResource[] services, TimeSpan took, IConfiguration configuration)
    {
        var dashboard = configuration["ASPNETCORE_URLS"]?.Split(';')[0] + (configuration["AppHost:BrowserToken"] is { } token ? $"/login?t={token}" : "");
        var open = services.SelectMany(service => service.GetEndpoints()).Where(endpoint => endpoint.EndpointAnnotation.IsExternal);
        var urls = open.Select(endpoint => $"{endpoint.Resource.Name} {endpoint.Url}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Environment.NewLine}Ready in {took.TotalSeconds:0.0} s: {string.Join(", ", urls)}, dashboard {dashboard}. "
            + $"Ctrl-C stops everything.{Environment.NewLine}"));
    }

    // Aspire's time stamp, since each line has its own, and colours.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[\d:.]+Z |\e\[[\d;]*m")]
    private static partial Regex Decoration();

    // A service's own lines (warn:, fail:, crit:), PostgreSQL's (but not that it refuses clients while it starts or stops), Redis' and Kafka's, what .NET
    // writes when a program ends by an exception, and a script's reason not to start.
    [GeneratedRegex(
        @"\b(warn|fail|crit): |\b(WARNING|FATAL|PANIC): (?! the database system is|.* administrator command)| (WARN|ERROR|FATAL) \["
        + @"| # (Fatal|Failed|Could not)|Unhandled exception|^(PostgreSQL|A PostgreSQL|The data|initdb|Kafka|A Kafka)\b")]
    private static partial Regex Alarm();
}
