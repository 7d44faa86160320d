using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalHosting;
using Npgsql;
using Support;

namespace Faults.Running;

/// <summary>
/// The whole system as AppHost.cs describes it, on fresh data, PostgreSQL as durable as in production, the side effects of processing going to
/// a receiver that counts them, and toxiproxy in every link to a server where it is to be had.
/// </summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    public const string Ingest = "ingest-api", Worker = "processor-worker", Query = "query-api", Portal = "portal", Postgres = "postgres", Broker = "broker", Redis = "redis";

    public static readonly string[] Services = [Ingest, Worker, Query, Portal];

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private string[] _variables = [];

    private RunningSystem(DistributedApplication app, Surroundings around, NpgsqlDataSource database, string broker, HttpClient door, Settings settings)
    {
        App = app;
        Around = around;
        Database = database;
        BrokerAddress = broker;
        Door = door;
        Settings = settings;
    }

    public DistributedApplication App { get; }

    public Surroundings Around { get; }

    /// <summary>The matrix's own way to the database, past every proxy.</summary>
    public NpgsqlDataSource Database { get; }

    public string BrokerAddress { get; }

    /// <summary>The front door.</summary>
    public HttpClient Door { get; }

    public Settings Settings { get; }

    /// <summary>PostgreSQL's, where it can be filled: in the long matrix, when root. Null: it cannot.</summary>
    public SmallDisk? Disk { get; private set; }

    /// <summary>Starts it; <paramref name="variables"/> are in the environment of every service, also of one that is started again.</summary>
    public static async Task<RunningSystem> StartAsync(Settings settings, CancellationToken stop, params (string Name, string Value)[] variables)
    {
        foreach (var (name, value) in variables) Environment.SetEnvironmentVariable(name, value);
        try
        {
            var system = await ComposeAsync(settings, stop);
            system._variables = [.. variables.Select(variable => variable.Name)];
            return system;
        }
        catch
        {
            TakeBack(variables.Select(variable => variable.Name));
            throw;
        }
    }

    private static async Task<RunningSystem> ComposeAsync(Settings settings, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(StartLimit);
        var around = await Surroundings.MakeAsync(settings, limit.Token);
        string[] arguments =
        [
            "--LocalHosting:Postgres:Durable=true", $"--Parameters:processing-delay={Settings.Delay:c}",
            $"--LocalHosting:Replicas:{Worker}={settings.Workers}", .. around.Arguments,
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(arguments, limit.Token);
        var app = await builder.BuildAsync(limit.Token);
        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync(Portal, limit.Token);
        var door = app.CreateHttpClient(Portal, "http");
        door.Timeout = TimeSpan.FromSeconds(10);
        // Not pooled for long: connections die with the server in half of all faults.
        var database = NpgsqlDataSource.Create((await app.GetConnectionStringAsync("webhooks", limit.Token))! + ";Command Timeout=30;Pooling=false");
        var system = new RunningSystem(app, around, database, (await app.GetConnectionStringAsync(Broker, limit.Token))!, door, settings);
        if (settings.IsLong && Environment.UserName == "root") system.Disk = await SmallDisk.PutUnderAsync(system, limit.Token);
        return system;
    }

    /// <summary>The processes of a resource; PostgreSQL's server comes first, then its children.</summary>
    public IReadOnlyList<int> Pids(string resource)
    {
        var own = App.ProcessIds(resource);
        return resource == Postgres ? [.. own, .. Proc.ChildrenOf(own)] : own;
    }

    /// <summary>Waits until a process is gone, and the orchestrator has seen it.</summary>
    public Task WaitForEndAsync(string resource, int pid, CancellationToken stop) =>
        Eventually.TrueAsync(_ => Task.FromResult(!App.ProcessIds(resource).Contains(pid)), stop, TimeSpan.FromSeconds(60));

    public async Task<T> AskAsync<T>(string sql, CancellationToken stop)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(stop))!;
    }

    public async ValueTask DisposeAsync()
    {
        Door.Dispose();
        await Database.DisposeAsync();
        await App.StopAsync();
        if (Disk is not null) await Disk.DisposeAsync();
        await Around.DisposeAsync();
        await App.DisposeAsync();
        TakeBack(_variables);
    }

    private static void TakeBack(IEnumerable<string> variables)
    {
        foreach (var name in variables) Environment.SetEnvironmentVariable(name, null);
    }
}
