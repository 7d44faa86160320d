namespace Faults.Access;

/// <summary>
/// Everything that a system says while this lives: each process's log at its most talkative, which comes to this process's console, and its
/// telemetry. Sets the environment for what is started meanwhile, and puts it back.
/// </summary>
internal sealed class Overheard : IAsyncDisposable
{
    private static readonly string[] Categories =
        ["Default", "Microsoft", "Microsoft.EntityFrameworkCore.Database.Command", "Npgsql", "System.Net.Http", "Yarp", "System", "Aspire"];

    private readonly TelemetrySink _telemetry;
    private readonly Dictionary<string, string?> _before = [];
    private readonly (TextWriter Out, TextWriter Error) _console = (Console.Out, Console.Error);
    private readonly StringWriter _lines = new();
    private readonly List<(string Where, string Text)> _texts = [];

    private Overheard(TelemetrySink telemetry) => _telemetry = telemetry;

    /// <summary>What was said, and where; whole once the system has been stopped.</summary>
    public IEnumerable<(string Where, string Text)> Texts =>
    [
        .. _texts, .. _lines.ToString().Split('\n').Select(line => ("a log line", line)), .. _telemetry.Messages.Select(message => (message.Path, message.Text)),
    ];

    public static async Task<Overheard> StartAsync(IEnumerable<(string Name, string Value)> settings, CancellationToken stop)
    {
        var telemetry = await TelemetrySink.StartAsync(stop);
        var overheard = new Overheard(telemetry);
        var talkative = Categories.Select(category => ($"Logging__LogLevel__{category}", "Trace"));
        foreach (var (name, value) in settings.Concat(telemetry.Settings).Concat(talkative).Append(("LOCALHOSTING_LOGS", "1")))
        {
            overheard._before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, value);
        }

        var writer = TextWriter.Synchronized(overheard._lines);
        Console.SetOut(writer);
        Console.SetError(writer);
        return overheard;
    }

    public void Add(string where, string text) => _texts.Add((where, text));

    /// <summary>The logs that servers write into the run's folder (LocalHosting/Hosting/Running/RunFolder.cs), which goes with the run.</summary>
    public void AddServerLogs()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), $"aspire-webhooks-{Environment.ProcessId}-*"))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.log")) Add($"the log of {Path.GetFileName(file)}", File.ReadAllText(file));
        }
    }

    public ValueTask DisposeAsync()
    {
        Console.SetOut(_console.Out);
        Console.SetError(_console.Error);
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
        return _telemetry.DisposeAsync();
    }
}
