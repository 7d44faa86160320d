using System.Diagnostics;
using System.Threading.Channels;
using Contracts;
using LocalHosting.Servers;
using Npgsql;
using Processor.Worker.Tests.Worlds;

[assembly: AssemblyFixture(typeof(Servers))]
[assembly: CollectionBehavior(MaxParallelThreads = Servers.EmbeddedBrokers)] // More than cores: a test mostly waits for its group.

namespace Processor.Worker.Tests.Worlds;

/// <summary>
/// One PostgreSQL for all tests, and a few Kafkas, each for one test at a time: the topics' names are fixed, and a worker reads all that is in
/// them. Each test has its own database, made from one that <c>--migrate</c> has made, and its own consumer group, which begins at the end.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    /// <summary>An embedded broker lets a group wait 3 s for its first member; that time is used by as many tests.</summary>
    public const int EmbeddedBrokers = 5;

    private readonly Channel<string> _brokers = Channel.CreateUnbounded<string>();
    private readonly List<LocalServer> _servers = [];
    private int _databases;

    /// <summary>Whether it is Apache Kafka; the embedded broker gives a worker's partitions on only when its session has timed out.</summary>
    public static bool IsRealKafka => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 };

    public string Postgres => _servers[0].ConnectionString;

    /// <summary>A broker to look at, whoever has it now.</summary>
    public string AnyBroker => _servers[1].ConnectionString;

    private string Template => $"{Postgres};Database=template";

    public async ValueTask InitializeAsync()
    {
        _servers.AddRange(await Task.WhenAll(
            [LocalServer.StartPostgresAsync(), .. Enumerable.Range(0, IsRealKafka ? 1 : EmbeddedBrokers).Select(_ => LocalServer.StartKafkaAsync([.. Topics.All]))]));
        foreach (var broker in _servers.Skip(1)) _brokers.Writer.TryWrite(broker.ConnectionString);
        await RunAsync("CREATE DATABASE template");
        var (exitCode, output) = await MigrateAsync(Template);
        Assert.True(exitCode == 0, output);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }

    /// <summary>A Kafka for one test, until it is given back.</summary>
    public ValueTask<string> TakeBrokerAsync() => _brokers.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void GiveBrokerBack(string broker) => _brokers.Writer.TryWrite(broker);

    /// <summary>Runs <c>Processor.Worker --migrate</c> as a process, as the AppHost does.</summary>
    public Task<(int ExitCode, string Output)> MigrateAsync(string database) => RunOnceAsync("--migrate", database);

    /// <summary>Runs the worker as a process that does one thing and ends.</summary>
    public async Task<(int ExitCode, string Output)> RunOnceAsync(string argument, string database, params (string Name, string Value)[] environment)
    {
        using var process = StartProcess([argument], [("ConnectionStrings:webhooks", database), ("ConnectionStrings:broker", AnyBroker), .. environment]);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>A worker as a process, which a test can kill.</summary>
    public static Process StartProcess(string[] arguments, params IEnumerable<(string Name, string Value)> settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Processor.Worker.dll"), .. arguments]) start.ArgumentList.Add(argument);
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return Process.Start(start)!;
    }

    /// <summary>A database of its own; returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(bool isMigrated = true)
    {
        var name = $"world_{Interlocked.Increment(ref _databases)}";
        await RunAsync($"CREATE DATABASE {name} {(isMigrated ? "TEMPLATE template" : "")}");
        return $"{Postgres};Database={name};Maximum Pool Size=15"; // Of the server's 200, for all that run at a time.
    }

    /// <summary>Runs a statement outside every world's database, or in the one given.</summary>
    public async Task RunAsync(string sql, string? database = null)
    {
        await using var connection = new NpgsqlConnection($"{database ?? $"{Postgres};Database=postgres"};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
