using System.Diagnostics;
using System.Threading.Channels;
using Contracts;
using LocalHosting.Servers;
using Npgsql;
using Processor.Worker.Tests.Worlds;

[assembly: AssemblyFixture(typeof(Servers))]
[assembly: CollectionBehavior(MaxParallelThreads = Servers.SideBySide)] // More than cores: a test mostly waits, for its group, a lease, a delay.

namespace Processor.Worker.Tests.Worlds;

/// <summary>
/// One PostgreSQL for all tests, and a few Kafkas, each for one test at a time: the topics' names are fixed, and a worker reads all that is in
/// them. Each test has its own database, made from one that <c>--migrate</c> has made, and its own consumer group, which begins at the end.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    /// <summary>
    /// How many tests run at a time, and the embedded brokers for them; of Apache Kafka there are three, each takes 5 s of processor to start.
    /// </summary>
    public const int SideBySide = 6, KafkasFromJars = 3;

    private readonly Channel<string> _brokers = Channel.CreateUnbounded<string>();
    private readonly List<LocalServer> _servers = [];
    private int _databases;

    /// <summary>Whether it is Apache Kafka; the embedded broker knows less of what an admin client may ask.</summary>
    public static bool IsRealKafka => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 };

    public string Postgres => _servers[0].ConnectionString;

    /// <summary>A broker to look at, whoever has it now.</summary>
    public string AnyBroker => _servers[1].ConnectionString;

    public async ValueTask InitializeAsync()
    {
        var brokers = IsRealKafka ? KafkasFromJars : SideBySide;
        var kafkas = Enumerable.Range(0, brokers).Select(_ => LocalServer.StartKafkaAsync([.. Topics.All]));
        _servers.AddRange(await Task.WhenAll([LocalServer.StartPostgresAsync(), .. kafkas]));
        await RunAsync("CREATE DATABASE template");
        foreach (var broker in _servers.Skip(1).Select(server => server.ConnectionString))
        {
            // Without a pool: a database that somebody is connected to cannot be a template. Again for each broker, which has its topics from it.
            if (IsRealKafka || broker == AnyBroker)
            {
                var (exitCode, output) = await RunOnceAsync("--migrate", $"{Postgres};Database=template;Pooling=false", ("ConnectionStrings:broker", broker));
                Assert.True(exitCode == 0, output);
            }

            _brokers.Writer.TryWrite(broker);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }

    /// <summary>A Kafka for one test, until it is given back.</summary>
    public ValueTask<string> TakeBrokerAsync() => _brokers.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void GiveBrokerBack(string broker) => _brokers.Writer.TryWrite(broker);

    /// <summary><c>Processor.Worker --migrate</c>.</summary>
    public Task<(int ExitCode, string Output)> MigrateAsync(string database) => RunOnceAsync("--migrate", database);

    /// <summary>The worker, told to do one thing and end.</summary>
    public Task<(int ExitCode, string Output)> RunOnceAsync(string argument, string database, params (string Name, string Value)[] settings) =>
        Command.RunAsync(argument, [.. Connections(database), .. settings]);

    /// <summary>The same as a process, as the AppHost starts it.</summary>
    public async Task<(int ExitCode, string Output)> RunProcessAsync(string argument, string database, params (string Name, string Value)[] environment)
    {
        using var process = StartProcess([argument], [.. Connections(database), .. environment]);
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
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // As the AppHost does: 0.3 s less to start.
        start.Environment["DOTNET_TieredPGO"] = "0";
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
        await using var connection = new NpgsqlConnection(database is null ? $"{Postgres};Database=postgres" : $"{database};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private (string Name, string Value)[] Connections(string database) => [("ConnectionStrings:webhooks", database), ("ConnectionStrings:broker", AnyBroker)];
}
