using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace LocalHosting.Servers;

/// <summary>
/// A server for a test, by the same script that the AppHost runs, without an AppHost: on loopback, on a port and in a folder of its own, which go with it.
/// It ends with this process, however that ends: the script ends with its standard input. Its data are a <see cref="ScratchFolder"/>'s.
/// </summary>
public sealed class LocalServer : IAsyncDisposable
{
    private const int KeptLines = 20;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2), Poll = TimeSpan.FromMilliseconds(20);

    private readonly FreePorts _ports = new();
    private readonly Queue<string> _output = new();
    private readonly string _root;
    private readonly string _program;
    private readonly string[] _arguments;
    private readonly (string Name, string Value)[] _environment;
    private TaskCompletionSource _saysReady = new();
    private Process? _process;

    private LocalServer(
        Func<LocalServer, (string Program, string[] Arguments)> command, Func<int, string> connectionString, bool isDurable,
        params (string Name, string Value)[] environment)
    {
        _root = ScratchFolder.Create(isDurable);
        Port = _ports.Next();
        (_program, _arguments) = command(this);
        _environment = environment;
        ConnectionString = connectionString(Port);
    }

    /// <summary>What its output says when it takes connections; null where that is as soon as it listens.</summary>
    private string? ReadyText { get; init; }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>As services are told; PostgreSQL's names no database.</summary>
    public string ConnectionString { get; }

    /// <summary>Its data, below a folder that the server's user must get through; gone when it is disposed.</summary>
    public string Folder => Path.Combine(_root, "data");

    /// <summary>The process that runs it: the script, whose child the server is, or the embedded broker itself.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>
    /// PostgreSQL. Unless durable it does not wait for the disk, since its data go with it, and cleans nothing up: it would go through each test's database.
    /// </summary>
    public static Task<LocalServer> StartPostgresAsync(bool isDurable = false)
    {
        var password = Secret();
        string[] options = isDurable ? [] : ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "autovacuum=off"];
        return StartAsync(
            new(
                server => (Script.Postgres, [server.Folder, $"{server.Port}", .. options]),
                port => $"Host=127.0.0.1;Port={port};Username=postgres;Password={password}",
                isDurable, ("POSTGRES_PASSWORD", password))
            { ReadyText = "ready to accept connections" }, // It listens earlier, and refuses who comes then (57P03).
            DebianPackage.Postgres);
    }

    /// <summary>Redis.</summary>
    public static Task<LocalServer> StartRedisAsync()
    {
        var password = Secret();
        return StartAsync(
            new(
                server => (Script.Redis, [$"{server.Port}"]), port => $"127.0.0.1:{port},password={password}", isDurable: false,
                ("REDIS_PASSWORD", password)),
            DebianPackage.Redis);
    }

    /// <summary>Apache Kafka from the jars of KAFKA_HOME, without topics; where that is not set, the embedded broker with these.</summary>
    public static Task<LocalServer> StartKafkaAsync(params string[] topics) =>
        KafkaHome.Find(Environment.GetEnvironmentVariable("KAFKA_HOME"), AppContext.BaseDirectory) is { } home
            ? StartAsync(
                new(
                    server => (Script.Kafka, [home, server.Folder, $"{server.Port}", $"{server._ports.Next()}"]), port => $"127.0.0.1:{port}",
                    isDurable: false),
                DebianPackage.Java)
            : StartAsync(new(server => (Script.EmbeddedKafka, [$"{server.Port}", .. topics]), port => $"127.0.0.1:{port}", isDurable: false));

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port and data.</summary>
    public async Task StartAgainAsync()
    {
        _process?.StandardInput.Close(); // Of one whose script alone was killed: what watched this end goes too.
        var start = new ProcessStartInfo(_program, _arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ENDS_WITH_STDIN"] = "1";
        foreach (var (name, value) in _environment) start.Environment[name] = value;
        _saysReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (ReadyText is null) _saysReady.SetResult();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ListensAsync(_process);
    }

    /// <summary>Ends it at once and without a chance to clean up (SIGKILL): the server and what runs it.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _ports.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private async Task<bool> AnswersAsync(CancellationToken stop)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, stop);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<LocalServer> StartAsync(LocalServer server, params DebianPackage[] packages)
    {
        try
        {
            await DebianPackages.EnsureAsync(packages, Console.WriteLine, CancellationToken.None);
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private void Keep(string? line)
    {
        if (line is null) return;
        if (ReadyText is not null && line.Contains(ReadyText, StringComparison.Ordinal)) _saysReady.TrySetResult();
        lock (_output)
        {
            if (_output.Count == KeptLines) _output.Dequeue();
            _output.Enqueue(line);
        }
    }

    private async Task ListensAsync(Process process)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        while (!_saysReady.Task.IsCompleted || !await AnswersAsync(limit.Token))
        {
            if (process.HasExited || limit.IsCancellationRequested)
                throw new InvalidOperationException(
                    $"{Path.GetFileName(_program)} did not start. Its last lines:{Environment.NewLine}{LastLines()}");
            await Task.Delay(Poll);
        }
    }

    private string LastLines()
    {
        lock (_output) return string.Join(Environment.NewLine, _output);
    }
}
