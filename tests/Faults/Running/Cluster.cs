using LocalHosting.Servers;

namespace Faults.Running;

/// <summary>
/// Three Kafka brokers, each a controller as well, from the jars of KAFKA_HOME: what is written is on two of them before it is acknowledged.
/// Their data go with the run.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const int Nodes = 3;

    private readonly string _home;
    private readonly string _folder = Directory.CreateTempSubdirectory("faults-kafka-").FullName;
    private readonly int[] _ports;
    private readonly OwnProcess?[] _brokers = new OwnProcess?[Nodes];

    private Cluster(string home, FreePorts ports) => (_home, _ports) = (home, [.. Enumerable.Range(0, 2 * Nodes).Select(_ => ports.Next())]);

    public string Bootstrap => string.Join(',', _ports.Take(Nodes).Select(port => $"127.0.0.1:{port}"));

    public static async Task<Cluster> StartAsync(string home, FreePorts ports)
    {
        var cluster = new Cluster(home, ports);
        var id = (await OwnProcess.RunAsync("java", "-cp", $"{home}/libs/*", "kafka.tools.StorageTool", "random-uuid")).Split('\n')[^1];
        for (var node = 0; node < Nodes; node++)
        {
            await File.WriteAllLinesAsync(cluster.PropertiesOf(node), cluster.Settings(node));
            await OwnProcess.RunAsync(
                "java", "-XX:TieredStopAtLevel=1", "-cp", $"{home}/libs/*", "kafka.tools.StorageTool",
                "format", "-t", id, "-c", cluster.PropertiesOf(node));
        }

        for (var node = 0; node < Nodes; node++) await cluster.StartNodeAsync(node);
        return cluster;
    }

    public async Task StartNodeAsync(int node) => _brokers[node] = await OwnProcess.StartAsync(
        "env", $"KAFKA_LOG={_folder}/{node}.log", "java", "-Xms128m", "-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", $"{_home}/libs/*",
        $"-Dlog4j2.configurationFile={_home}/log4j2.properties", "kafka.Kafka", PropertiesOf(node));

    public async Task KillAsync(int node)
    {
        if (_brokers[node] is { } broker) await broker.DisposeAsync();
        _brokers[node] = null;
    }

    public async ValueTask DisposeAsync()
    {
        for (var node = 0; node < Nodes; node++) await KillAsync(node);
        Directory.Delete(_folder, recursive: true);
    }

    private string PropertiesOf(int node) => Path.Combine(_folder, $"{node}.properties");

    private string[] Settings(int node) =>
    [
        "process.roles=broker,controller",
        $"node.id={node}",
        $"controller.quorum.voters={string.Join(',', Enumerable.Range(0, Nodes).Select(n => $"{n}@127.0.0.1:{_ports[Nodes + n]}"))}",
        $"listeners=PLAINTEXT://127.0.0.1:{_ports[node]},CONTROLLER://127.0.0.1:{_ports[Nodes + node]}",
        $"advertised.listeners=PLAINTEXT://127.0.0.1:{_ports[node]}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=PLAINTEXT",
        $"log.dirs={_folder}/data{node}",
        "auto.create.topics.enable=false",
        "default.replication.factor=3",
        "min.insync.replicas=2",
        "offsets.topic.replication.factor=3",
        "offsets.topic.num.partitions=8",
        "transaction.state.log.replication.factor=3",
        "transaction.state.log.min.isr=2",
        "share.coordinator.state.topic.replication.factor=3",
        "share.coordinator.state.topic.min.isr=2",
        "group.initial.rebalance.delay.ms=0",
    ];
}
