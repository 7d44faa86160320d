using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Running;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace LocalHosting.Servers;

/// <summary>A PostgreSQL server on loopback, with a password of its own.</summary>
internal sealed class PostgresWork(RunContext run, PostgresServerResource resource) : IWork, IDisposable
{
    /// <summary>Fast shutdown: clients are cut off, what is committed is on disk.</summary>
    private const int FastShutdown = Posix.SigInt;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly string[] Shown = [" WARNING: ", " FATAL: ", " PANIC: "];

    private TaskCompletionSource _accepts = new();
    private readonly PostgresFolder _folder = PostgresFolder.Open(run, resource.Name, resource.KeepsData);
    private Child? _server;

    public IReadOnlyList<Child> Children => _server is null ? [] : [_server];

    public string Where => _folder.IsFresh ? "data in a temporary folder" : $"data kept in {_folder.Path}";

    private int Port => ((IResource)resource).Plan.Endpoints[0].Port;

    public async Task StartAsync(CancellationToken ct)
    {
        if (!_folder.IsInitialised)
            await InitialiseAsync(ct);
        await _folder.WaitForFormerServerAsync(run, ct);
        var log = new ServerLog(run, resource.Name, Shown);
        var accepts = _accepts = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _server = await Child.StartAsync(run.Thread, ServerCommand(), line =>
        {
            log.Add(line, hide: _server is { IsStopping: true });
            if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
                accepts.TrySetResult();
        });
        ((IResource)resource).Plan.ConnectionString.TrySetResult($"Host=127.0.0.1;Port={Port};Username=postgres;Password={_folder.Password}");
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        await _accepts.Task.WaitAsync(ct);
        await using var connection = new NpgsqlConnection($"{await resource.GetConnectionStringAsync(ct)};Pooling=false");
        await connection.OpenAsync(ct);
        return $"127.0.0.1:{Port}, PostgreSQL {connection.PostgreSqlVersion.Major}, {Where}";
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.StopAsync(FastShutdown, Patience);
    }

    public void Dispose() => _folder.Dispose();

    private async Task InitialiseAsync(CancellationToken ct)
    {
        // Half a folder, from an initdb that was cut off.
        if (Directory.Exists(_folder.Data))
            Directory.Delete(_folder.Data, recursive: true);
        string[] args =
        [
            "-D", _folder.Data, "-U", "postgres", $"--pwfile={_folder.PasswordFile}", "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
            "--locale=C.UTF-8", "--encoding=UTF8", .. _folder.IsFresh ? (string[])["--no-sync"] : [],
        ];
        var initdb = new Command(Program("initdb"), args) { WorkingDirectory = _folder.Path, User = PostgresFolder.User };
        await Child.RunAsync(run.Thread, initdb, $"Setting up the data folder of '{resource.Name}'", ct);
        _folder.MarkInitialised();
    }

    private Command ServerCommand()
    {
        List<string> settings =
        [
            $"port={Port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "shared_buffers=256MB",
            "logging_collector=off", "log_destination=stderr", "lc_messages=C",
        ];
        if (run.IsTest && !run.Configuration.GetValue<bool>("LocalHosting:Postgres:Durable"))
            settings.AddRange(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        return new(Program("postgres"), ["-D", _folder.Data, .. settings.SelectMany(setting => (string[])["-c", setting])])
        {
            WorkingDirectory = _folder.Path,
            User = PostgresFolder.User,
            DeathSignal = "INT",
        };
    }

    private string Program(string name) => Path.Combine(PostgresBinaries.FolderFor(_folder.Data), name);
}
