using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Faults.Clock;
using Faults.Load;
using LocalHosting.Servers;
using Npgsql;
using Support;
using Systems;

namespace Faults.Running;

/// <summary>What stands around the system: the receiver of its side effects, the network's proxies, the services' clocks.</summary>
internal sealed class Surroundings : IAsyncDisposable
{
    private readonly FreePorts _ports;

    /// <summary>The port that a server gets, and those of the proxies before it, by who calls there.</summary>
    private readonly Dictionary<string, int> _servers = [], _proxies = [];

    /// <summary>The port of the proxy between the worker and the sandbox; null without one.</summary>
    private int? _sandbox;

    private Surroundings(FreePorts ports, CountingReceiver receiver, Toxiproxy? network, Cluster? cluster, string clocks) =>
        (_ports, Receiver, Network, Cluster, Clocks) = (ports, receiver, network, cluster, clocks);

    public CountingReceiver Receiver { get; }

    /// <summary>Null where toxiproxy-server is not to be had.</summary>
    public Toxiproxy? Network { get; }

    /// <summary>Null: the AppHost starts the broker.</summary>
    public Cluster? Cluster { get; }

    /// <summary>The links of <see cref="Network"/>: who is at one end, who at the other.</summary>
    public List<(string Client, string Server)> Links { get; } = [];

    /// <summary>Each service's link to PostgreSQL, by the service; behind the link's proxy of <see cref="Network"/>, where there is one.</summary>
    public Dictionary<string, Cable> Cables { get; } = new(StringComparer.Ordinal);

    /// <summary>The folder that says how wrong each service's clock is: see Clock.</summary>
    public string Clocks { get; }

    /// <summary>For the AppHost.</summary>
    public string[] Arguments => Cluster is null ? [] : [$"--ConnectionStrings:{RunningSystem.Broker}={Cluster.Bootstrap}"];

    public bool IsRealKafka { get; } = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 };

    public static async Task<Surroundings> MakeAsync(Settings settings, CancellationToken stop)
    {
        var receiver = await CountingReceiver.StartAsync(settings.Clock, stop);
        var ports = new FreePorts();
        var network = Toxiproxy.Find() is { } program ? await Toxiproxy.StartAsync(program, ports, stop) : null;
        var cluster = settings.Brokers == Cluster.Nodes ? await StartClusterAsync(ports) : null;
        var around = new Surroundings(ports, receiver, network, cluster, Directory.CreateTempSubdirectory("faults-clocks-").FullName);
        File.SetUnixFileMode(around.Clocks, (UnixFileMode)Convert.ToInt32("755", 8)); // Services read there, whoever they run as.
        await around.LinkAsync();
        return around;
    }

    public string Describe() =>
        $"{(Cluster is not null ? "Apache Kafka, three brokers" : IsRealKafka ? "Apache Kafka, one broker" : "embedded broker")}, "
        + (Network is null ? "no toxiproxy-server and so no links cut, half-open or slow (TOXIPROXY_SERVER says where it is)" : "toxiproxy");

    public static string LinkName(string client, string server) => $"{client}_{server}";

    /// <summary>Puts it around the system.</summary>
    public void Change(IDistributedApplicationBuilder builder, int workers)
    {
        builder.GiveServices(
            ("Processing__Url", Receiver.Url), (ClockStartup.FolderVariable, Clocks), ("DOTNET_STARTUP_HOOKS", typeof(ClockStartup).Assembly.Location),
            ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(ClockStartup).Assembly.GetName().Name!));
        foreach (var (server, port) in _servers)
        {
            var endpoints = builder.Find<IResourceWithEndpoints>(server).Resource.Annotations.OfType<EndpointAnnotation>();
            var endpoint = endpoints.First(endpoint => endpoint.Name is "tcp" or "http");
            (endpoint.Port, endpoint.TargetPort) = (port, port);
        }

        foreach (var service in builder.Resources.OfType<ProjectResource>().Select(builder.CreateResourceBuilder)) Reroute(builder, service);
        if (_proxies.TryGetValue(RunningSystem.Broker, out var broker)) builder.Find<ExecutableResource>("broker-process").WithArgs($"{broker}");
        if (workers == 1) return;

        // Two processes cannot share a port: Aspire's proxy stands before them.
        var worker = builder.Find<ProjectResource>(RunningSystem.Worker).WithReplicas(workers);
        foreach (var endpoint in worker.Resource.Annotations.OfType<EndpointAnnotation>()) endpoint.IsProxied = true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cable in Cables.Values) await cable.DisposeAsync();
        if (Network is not null) await Network.DisposeAsync();
        await Receiver.DisposeAsync();
        if (Cluster is not null) await Cluster.DisposeAsync();
        Directory.Delete(Clocks, recursive: true);
        _ports.Dispose();
    }

    private static Task<Cluster> StartClusterAsync(FreePorts ports) => Cluster.StartAsync(
        Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home
            ? KafkaHome.Find(home, AppContext.BaseDirectory)!
            : throw new InvalidOperationException("FAULTS_BROKERS=3 needs KAFKA_HOME, a folder with Apache Kafka's libs/*.jar."),
        ports);

    // The password and all else stay as AppHost says.
    private void Reroute(IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> service)
    {
        if (_proxies.TryGetValue(service.Resource.Name, out var database))
        {
            service.WithEnvironment(async context =>
            {
                var direct = await builder.Find<IResourceWithConnectionString>("webhooks").Resource.GetConnectionStringAsync(context.CancellationToken);
                var proxied = new NpgsqlConnectionStringBuilder(direct) { Host = "127.0.0.1", Port = database };
                context.EnvironmentVariables["ConnectionStrings__webhooks"] = proxied.ConnectionString;
            });
        }

        if (service.Resource.Name == RunningSystem.Worker && _sandbox is { } sandbox)
            service.WithEnvironment("services__sandbox__http__0", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{sandbox}"));
        if (!_proxies.TryGetValue(RunningSystem.Broker, out var broker)) return;
        service.WithEnvironment(context =>
        {
            const string Name = "ConnectionStrings__broker";
            if (context.EnvironmentVariables.ContainsKey(Name)) context.EnvironmentVariables[Name] = $"127.0.0.1:{broker}";
        });
    }

    private async Task LinkAsync()
    {
        _servers[RunningSystem.Postgres] = _ports.Next();
        foreach (var service in (string[])[RunningSystem.Ingest, RunningSystem.Worker, RunningSystem.Query])
        {
            // Behind the proxy, which refuses connections when it is cut; the cable takes them and ends them.
            var cable = new Cable("127.0.0.1", _servers[RunningSystem.Postgres]);
            Cables[service] = cable;
            _proxies[service] = Network is null ? cable.Port : await LinkAsync(service, RunningSystem.Postgres, cable.Port);
        }

        if (Network is not null)
        {
            _servers[RunningSystem.Sandbox] = _ports.Next();
            _sandbox = await LinkAsync(RunningSystem.Worker, RunningSystem.Sandbox, _servers[RunningSystem.Sandbox]);
        }

        // A broker tells its clients where it is: only a real one can be made to name the proxy, and then to all of them.
        if (Network is null || !IsRealKafka || Cluster is not null) return;
        var port = _servers[RunningSystem.Broker] = _ports.Next();
        _proxies[RunningSystem.Broker] = await LinkAsync("all", RunningSystem.Broker, port);
    }

    private Task<int> LinkAsync(string client, string server, int port)
    {
        Links.Add((client, server));
        return Network!.AddAsync(LinkName(client, server), port);
    }
}
