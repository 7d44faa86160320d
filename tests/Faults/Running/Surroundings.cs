using Faults.Clock;
using Faults.Load;

namespace Faults.Running;

/// <summary>What stands around the system: the receiver of its side effects, the network's proxies, the services' clocks.</summary>
internal sealed class Surroundings : IAsyncDisposable
{
    private readonly List<string> _arguments = [];

    private Surroundings(CountingReceiver receiver, Toxiproxy? network, Cluster? cluster, string clocks) =>
        (Receiver, Network, Cluster, Clocks) = (receiver, network, cluster, clocks);

    public CountingReceiver Receiver { get; }

    /// <summary>Null where toxiproxy-server is not to be had.</summary>
    public Toxiproxy? Network { get; }

    /// <summary>Null: the AppHost starts the broker.</summary>
    public Cluster? Cluster { get; }

    /// <summary>The links of <see cref="Network"/>: who is at one end, who at the other.</summary>
    public List<(string Client, string Server)> Links { get; } = [];

    /// <summary>The folder that says how wrong each service's clock is: see Clock.</summary>
    public string Clocks { get; }

    /// <summary>For the AppHost.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    public bool IsRealKafka { get; } = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 };

    public static async Task<Surroundings> MakeAsync(Settings settings, CancellationToken stop)
    {
        var receiver = await CountingReceiver.StartAsync(settings.Clock, stop);
        var ports = new FreePorts();
        var network = Toxiproxy.Find() is { } program ? await Toxiproxy.StartAsync(program, ports, stop) : null;
        var cluster = settings.Brokers == Cluster.Nodes ? await StartClusterAsync(ports) : null;
        var around = new Surroundings(receiver, network, cluster, Directory.CreateTempSubdirectory("faults-clocks-").FullName);

        // Inherited by every service that is started from here on.
        Environment.SetEnvironmentVariable("Processing__Url", receiver.Url);
        Environment.SetEnvironmentVariable("Seed__CredentialsFile", Path.Combine(around.Clocks, "credentials.txt")); // Not over those of who runs the tests.
        Environment.SetEnvironmentVariable(ClockStartup.FolderVariable, around.Clocks);
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", typeof(ClockStartup).Assembly.Location);
        Environment.SetEnvironmentVariable("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(ClockStartup).Assembly.GetName().Name);
        await around.LinkAsync(ports);
        return around;
    }

    public string Describe() =>
        $"{(Cluster is not null ? "Apache Kafka, three brokers" : IsRealKafka ? "Apache Kafka, one broker" : "embedded broker")}, "
        + (Network is null ? "no toxiproxy-server and so no network faults (TOXIPROXY_SERVER says where it is)" : "toxiproxy");

    public static string LinkName(string client, string server) => $"{client}_{server}";

    public async ValueTask DisposeAsync()
    {
        if (Network is not null) await Network.DisposeAsync();
        await Receiver.DisposeAsync();
        if (Cluster is not null) await Cluster.DisposeAsync();
        Directory.Delete(Clocks, recursive: true);
    }

    private static Task<Cluster> StartClusterAsync(FreePorts ports) => Cluster.StartAsync(Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home
        ? home
        : throw new InvalidOperationException("FAULTS_BROKERS=3 needs KAFKA_HOME, a folder with Apache Kafka's libs/*.jar."), ports);

    private async Task LinkAsync(FreePorts ports)
    {
        if (Cluster is not null) _arguments.Add($"--ConnectionStrings:{RunningSystem.Broker}={Cluster.Bootstrap}");
        if (Network is null) return;
        var postgres = ports.Next();
        _arguments.Add($"--LocalHosting:Ports:{RunningSystem.Postgres}={postgres}");
        foreach (var service in (string[])[RunningSystem.Ingest, RunningSystem.Worker, RunningSystem.Query])
        {
            var port = await Network.AddAsync(LinkName(service, RunningSystem.Postgres), postgres);
            _arguments.Add($"--LocalHosting:Proxies:webhooks:{service}={port}");
            Links.Add((service, RunningSystem.Postgres));
        }

        // A broker tells its clients where it is: only a real one can be made to name the proxy, and then to all of them.
        if (!IsRealKafka || Cluster is not null) return;
        var broker = ports.Next();
        _arguments.Add($"--LocalHosting:Ports:{RunningSystem.Broker}={broker}");
        _arguments.Add($"--LocalHosting:Proxies:{RunningSystem.Broker}={await Network.AddAsync(LinkName("all", RunningSystem.Broker), broker)}");
        Links.Add(("all", RunningSystem.Broker));
    }
}
