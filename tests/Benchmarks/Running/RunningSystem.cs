using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;

namespace Benchmarks.Running;

/// <summary>The whole system as AppHost.cs describes it, on fresh data, PostgreSQL as durable as in production.</summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    public const string Ingest = "ingest-api", Worker = "processor-worker", Query = "query-api", Portal = "portal";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly TimeProvider _clock;

    private RunningSystem(DistributedApplication app, NpgsqlDataSource database, string broker, TimeProvider clock)
    {
        App = app;
        Database = database;
        Broker = broker;
        _clock = clock;
        Processes = new ProcessUse(app);
    }

    public DistributedApplication App { get; }

    public NpgsqlDataSource Database { get; }

    /// <summary>Kafka's bootstrap servers.</summary>
    public string Broker { get; }

    public ProcessUse Processes { get; }

    /// <summary>Starts everything; returns when it is ready.</summary>
    /// <param name="delay">How long a transaction waits.</param>
    /// <param name="clock">The clock.</param>
    public static async Task<RunningSystem> StartAsync(TimeSpan delay, TimeProvider clock)
    {
        using var limit = new CancellationTokenSource(StartLimit, clock);
        // Not over those of who measures; nobody needs these keys.
        Environment.SetEnvironmentVariable("Seed__CredentialsFile", Path.Combine(Path.GetTempPath(), "aspire-webhooks-benchmarks", "credentials.txt"));
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--LocalHosting:Postgres:Durable=true", $"--Parameters:processing-delay={delay:c}"], limit.Token);
        var app = await builder.BuildAsync(limit.Token);
        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync(Portal, limit.Token);
        var database = NpgsqlDataSource.Create((await app.GetConnectionStringAsync("webhooks", limit.Token))! + ";Command Timeout=0");
        return new RunningSystem(app, database, (await app.GetConnectionStringAsync("broker", limit.Token))!, clock);
    }

    /// <summary>A service's address.</summary>
    public Uri Url(string service, string path) => new(App.GetEndpoint(service, "http"), path);

    /// <summary>Of the database, password and all: <see cref="Database"/> does not tell that.</summary>
    public async Task<string> ConnectionStringAsync() => (await App.GetConnectionStringAsync("webhooks"))!;

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public Task<long> CountAsync(string where) => AskAsync<long>($"SELECT count(*) FROM transactions WHERE {where}");

    /// <summary>Waits until every transaction has its outcome and every payment is settled, so that the next measurement is of a system with nothing left to do.</summary>
    public Task SettleAsync() => UntilAsync(async () => await AskAsync<bool>(
        "SELECT NOT EXISTS (SELECT FROM transactions WHERE status = 'PROCESSING') AND NOT EXISTS (SELECT FROM payments WHERE processed_at IS NULL)"));

    /// <summary>Asks five times a second until the answer is yes; gives up after ten minutes.</summary>
    public async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var started = _clock.GetTimestamp();
        while (!await isSo())
        {
            if (_clock.GetElapsedTime(started) > TimeSpan.FromMinutes(10)) throw new BenchmarkException("Waited ten minutes for what should take one.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), _clock);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await App.DisposeAsync();
    }
}
