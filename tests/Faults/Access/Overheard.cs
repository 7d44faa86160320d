using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Systems;

namespace Faults.Access;

/// <summary>
/// Everything that a system says while this lives: each service's log at its most talkative, the servers' logs, AppHost's console, and the telemetry.
/// </summary>
internal sealed partial class Overheard : IAsyncDisposable
{
    private static readonly string[] Categories =
        ["Default", "Microsoft", "Microsoft.EntityFrameworkCore.Database.Command", "Npgsql", "System.Net.Http", "Yarp", "System", "Aspire"];

    private readonly TelemetrySink _telemetry;
    private readonly (TextWriter Out, TextWriter Error) _console = (Console.Out, Console.Error);
    private readonly StringWriter _lines = new();
    private readonly ConcurrentQueue<(string Where, string Text)> _texts = new();

    private Overheard(TelemetrySink telemetry) => _telemetry = telemetry;

    /// <summary>What was said, and where; whole once the system has been stopped.</summary>
    public IEnumerable<(string Where, string Text)> Texts =>
    [
        .. _texts, .. _lines.ToString().Split('\n').Select(line => ("AppHost's console", line)),
        .. _telemetry.Messages.Select(message => (message.Path, message.Text)),
    ];

    public static async Task<Overheard> StartAsync(CancellationToken stop)
    {
        var overheard = new Overheard(await TelemetrySink.StartAsync(stop));
        var writer = TextWriter.Synchronized(overheard._lines);
        Console.SetOut(writer);
        Console.SetError(writer);
        return overheard;
    }

    /// <summary>Makes every service talk, and listens to every resource.</summary>
    public void Change(IDistributedApplicationBuilder builder)
    {
        builder.GiveServices([.. _telemetry.Settings, .. Categories.Select(category => ($"Logging__LogLevel__{category}", "Trace"))]);
        builder.Eventing.Subscribe<InitializeResourceEvent>((initialize, stop) =>
        {
            _ = FollowAsync(initialize.Services.GetRequiredService<ResourceLoggerService>(), initialize.Resource);
            return Task.CompletedTask;
        });
    }

    public void Add(string where, string text) => _texts.Enqueue((where, text));

    public ValueTask DisposeAsync()
    {
        Console.SetOut(_console.Out);
        Console.SetError(_console.Error);
        return _telemetry.DisposeAsync();
    }

    // Between the letters of a level, and maybe of a secret.
    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colour();

    private async Task FollowAsync(ResourceLoggerService logs, IResource resource)
    {
        await foreach (var lines in logs.WatchAsync(resource))
        {
            foreach (var line in lines) Add("a log line", $"[{resource.Name}] {Colour().Replace(line.Content, "")}");
        }
    }
}
