using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Npgsql;
using Systems;

namespace Benchmarks.Running;

/// <summary>
/// The whole system as AppHost.cs describes it, on fresh data, PostgreSQL as durable as in production, with the limits' endpoints in every service.
/// </summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    /// <summary>AppHost/appsettings.json's.</summary>
    public const string AdminKey = "development-admin-key-change-me";

    public const string Ingest = "ingest-api", Worker = "processor-worker", Query = "query-api", Portal = "portal";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// As in production, not as <see cref="TestSystem"/> starts services faster: without profiles (DOTNET_TieredPGO=0) Ingest.Api took 20.5 us of processor a
    /// webhook instead of 18.5, in pairs.
    /// </summary>
    private static readonly (string Name, string Value)[] AsInProduction = [("DOTNET_EnableWriteXorExecute", "1"), ("DOTNET_TieredPGO", "1")];

    private readonly TestSystem _system;
    private readonly TimeProvider _clock;

    private RunningSystem(TestSystem system, string database, string broker, TimeProvider clock)
    {
        _system = system;
        _clock = clock;
        Database = NpgsqlDataSource.Create(database + ";Command Timeout=0");
        Broker = broker;
        Processes = new ProcessUse(system.Processes);
    }

    public NpgsqlDataSource Database { get; }

    /// <summary>Kafka's bootstrap servers.</summary>
    public string Broker { get; }

    public ProcessUse Processes { get; }

    /// <summary>Starts everything; returns when it is ready.</summary>
    /// <param name="delay">How long a transaction waits.</param>
    /// <param name="settings">Which broker, and the clock.</param>
    /// <param name="variables">In the environment of every service.</param>
    public static async Task<RunningSystem> StartAsync(TimeSpan delay, Settings settings, params IEnumerable<(string Name, string Value)> variables)
    {
        using var limit = new CancellationTokenSource(StartLimit, settings.Clock);
        var limits = typeof(Limits.LimitEndpoints).Assembly;
        string[] arguments = [$"--Parameters:processing-delay={delay:c}", $"--KAFKA_HOME={settings.KafkaHome}"];
        var system = await TestSystem.StartAsync(
            arguments,
            builder => builder.GiveServices(
            [
                ("DOTNET_STARTUP_HOOKS", limits.Location), ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", limits.GetName().Name!), .. AsInProduction, .. variables,
            ]),
            limit.Token);
        return new RunningSystem(
            system, await system.ConnectionStringAsync("webhooks", limit.Token), await system.ConnectionStringAsync("broker", limit.Token), settings.Clock);
    }

    /// <summary>Asks the worker to stop, as an orchestrator does, and waits until it has.</summary>
    public async Task<Instance> StopWorkerAsync()
    {
        var worker = _system.Processes.Of(Worker).Single();
        Signals.Send(worker.Pid, Signals.Term);
        await _system.Processes.UntilEndedAsync(worker, CancellationToken.None);
        return worker;
    }

    /// <summary>Starts it again.</summary>
    public Task StartAgainAsync(Instance worker) => _system.Processes.StartAgainAsync(worker, CancellationToken.None);

    /// <summary>Adds a user of the payment gateway; returns the key.</summary>
    public async Task<string> AddUserAsync(string email)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, Url(Ingest, "/api/v1/users")) { Content = JsonContent.Create(new { email }) };
        request.Headers.Add("X-API-Key", AdminKey);
        using var response = await http.SendAsync(request);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("api_key").GetString()!;
    }

    /// <summary>The processes of a resource.</summary>
    public IReadOnlyList<int> Pids(string resource) => _system.Processes.Pids(resource);

    /// <summary>A service's address.</summary>
    public Uri Url(string service, string path) => new(_system.App.GetEndpoint(service, "http"), path);

    /// <summary>Of the database, password and all: <see cref="Database"/> does not tell that.</summary>
    public Task<string> ConnectionStringAsync() => _system.ConnectionStringAsync("webhooks", CancellationToken.None);

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

    /// <summary>
    /// Takes the sandbox's inbox away, which development's seed adds and which is sent a webhook for each payment: what a delivery costs is <c>deliver</c>'s to
    /// measure.
    /// </summary>
    public Task WithoutInboxAsync() => ExecuteAsync("UPDATE webhook_endpoints SET deleted_at = now()");

    public Task<long> CountAsync(string where) => AskAsync<long>($"SELECT count(*) FROM transactions WHERE {where}");

    /// <summary>
    /// Waits until every transaction has its outcome and every payment and charge is settled, so that the next measurement is of a system with nothing left
    /// to do.
    /// </summary>
    public Task SettleAsync() => UntilAsync(async () => await AskAsync<bool>(
        """
        SELECT NOT EXISTS (
                SELECT FROM transaction_outbox o
                CROSS JOIN LATERAL (SELECT FROM transactions WHERE created_at = o.created_at AND status = 'PROCESSING' LIMIT 1) AS open
                ORDER BY o.created_at DESC LIMIT 1)
            AND NOT EXISTS (SELECT FROM payments WHERE processed_at IS NULL) AND NOT EXISTS (SELECT FROM stripe_requests WHERE answered_at IS NULL)
        """));

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
        await _system.DisposeAsync();
    }
}
