using Aspire.Hosting;
using Npgsql;
using Support;
using Systems;

namespace Faults.Running;

/// <summary>
/// The whole system on fresh data, PostgreSQL as durable as in production, the side effects of processing going to a receiver that counts them, and toxiproxy
/// in every link to a server where it is to be had.
/// </summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    public const string Ingest = "ingest-api", Worker = "processor-worker", Query = "query-api", Portal = "portal";
    public const string Postgres = "postgres", Broker = "broker", Redis = "redis";

    /// <summary>The bank and the Stripe to play with, which keep books of their own, in memory: it is never killed.</summary>
    public const string Sandbox = "sandbox";

    /// <summary>AppHost/appsettings.json's.</summary>
    public const string AdminKey = "development-admin-key-change-me";

    public static readonly string[] Services = [Ingest, Worker, Query, Portal];

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5); // On two cores that build three other trees, two were not enough.

    private readonly TestSystem _system;

    private RunningSystem(TestSystem system, Surroundings around, string database, string broker, Settings settings)
    {
        _system = system;
        Around = around;
        // Not pooled: connections die with the server in half of all faults. It writes when nobody else may.
        Database = NpgsqlDataSource.Create(database + ";Command Timeout=30;Pooling=false;Options=-c default_transaction_read_only=off");
        BrokerAddress = broker;
        Door = system.CreateClient(Portal, TimeSpan.FromSeconds(10));
        Settings = settings;
    }

    public DistributedApplication App => _system.App;

    public Processes Processes => _system.Processes;

    public Surroundings Around { get; }

    /// <summary>The matrix's own way to the database, past every proxy.</summary>
    public NpgsqlDataSource Database { get; }

    public string BrokerAddress { get; }

    /// <summary>The front door.</summary>
    public HttpClient Door { get; }

    public Settings Settings { get; }

    /// <summary>PostgreSQL's, where it can be filled: in the long matrix, when root. Null: it cannot.</summary>
    public SmallDisk? Disk { get; private set; }

    /// <summary>Starts it; <paramref name="variables"/> are in the environment of every service.</summary>
    public static Task<RunningSystem> StartAsync(Settings settings, CancellationToken stop, params (string Name, string Value)[] variables) =>
        StartAsync(settings, [], builder => builder.GiveServices(variables), stop);

    /// <summary>Starts it.</summary>
    /// <param name="settings">How it is to be.</param>
    /// <param name="arguments">For the AppHost.</param>
    /// <param name="change">Changes the model, after everything else.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<RunningSystem> StartAsync(
        Settings settings, string[] arguments, Action<IDistributedApplicationBuilder> change, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(StartLimit);
        var around = await Surroundings.MakeAsync(settings, limit.Token);
        try
        {
            arguments = [$"--Parameters:processing-delay={Settings.Delay:c}", .. around.Arguments, .. arguments];
            var system = await TestSystem.StartAsync(arguments, Change, limit.Token);
            var running = new RunningSystem(
                system, around, await system.ConnectionStringAsync("webhooks", limit.Token), await system.ConnectionStringAsync(Broker, limit.Token), settings);
            if (settings.IsLong && Environment.UserName == "root") running.Disk = await SmallDisk.PutUnderAsync(running, limit.Token);
            return running;
        }
        catch
        {
            await around.DisposeAsync();
            throw;
        }

        void Change(IDistributedApplicationBuilder builder)
        {
            around.Change(builder, settings.Workers);
            change(builder);
        }
    }

    /// <summary>A client of a service, past the front door.</summary>
    public HttpClient CreateClient(string service, TimeSpan timeout) => _system.CreateClient(service, timeout);

    /// <summary>The processes of a resource; PostgreSQL's server comes first, then its children.</summary>
    public IReadOnlyList<int> Pids(string resource)
    {
        var own = Processes.Pids(resource);
        return resource == Postgres ? [.. own, .. Proc.ChildrenOf(own)] : own;
    }

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
        await _system.DisposeAsync();
    }
}
