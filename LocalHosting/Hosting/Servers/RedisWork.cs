using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Running;

namespace LocalHosting.Servers;

/// <summary>
/// A Redis server on loopback, with a password of its own. It writes nothing to disk: what it holds are rate limits, which are over in a
/// minute and are counted in process while it is away, so there is nothing to bring back and no start to wait for a file.
/// </summary>
internal sealed partial class RedisWork(RunContext run, IResource resource) : IWork
{
    private const string DebianUser = "redis";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Redis marks a warning with #; its banner and its last words carry the mark too, and are left to the file.</summary>
    private static readonly string[] Shown = [" # Fatal", " # Failed", " # Could not", "*** FATAL"];

    private readonly string _folder = run.Folder.Sub(resource.Name);
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private Child? _server;
    private string _version = "";

    public IReadOnlyList<Child> Children => _server is null ? [] : [_server];

    private int Port => resource.Plan.Endpoints[0].Port;

    /// <summary>The user that Debian made for it: a server that takes commands from others should not be root.</summary>
    private static string? User =>
        Environment.UserName == "root" && File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{DebianUser}:", StringComparison.Ordinal)) ? DebianUser : null;

    public async Task StartAsync(CancellationToken ct)
    {
        var settings = WriteSettings();
        var log = new ServerLog(run, resource.Name, Shown);
        _server = await Child.StartAsync(run.Thread, new Command(FindServer() ?? "redis-server", settings) { WorkingDirectory = _folder, User = User }, line =>
        {
            log.Add(line, hide: _server is { IsStopping: true });
            if (Version().Match(line) is { Success: true } version)
                _version = $" {version.Value}";
        });
        resource.Plan.ConnectionString.TrySetResult($"127.0.0.1:{Port},password={_password}");
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        await run.PollAsync(token => RedisProbe.AnswersAsync(Port, _password, token), ct);
        return $"127.0.0.1:{Port}, Redis{_version}, data in memory alone";
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.StopAsync(Posix.SigTerm, Patience);
    }

    /// <summary>Where redis-server is; null where it is not.</summary>
    public static string? FindServer() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin").Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    /// <summary>The password stands in a file that only the server's user may read: on the command line every user of the machine could.</summary>
    private string WriteSettings()
    {
        var file = Path.Combine(_folder, "redis.conf");
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var writer = new StreamWriter(file, options))
        {
            foreach (var setting in Settings())
                writer.WriteLine(setting);
        }
        if (User is { } user)
        {
            Posix.GiveTo(_folder, user);
            Posix.GiveTo(file, user);
        }
        return file;
    }

    private string[] Settings() =>
    [
        $"port {Port}", "bind 127.0.0.1", "protected-mode yes", $"requirepass {_password}", "daemonize no", "save \"\"", "appendonly no", $"dir {_folder}",
    ];

    [GeneratedRegex(@"(?<=Redis version=)[\d.]+")]
    private static partial Regex Version();
}
