using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Running;

namespace LocalHosting.Servers;

/// <summary>Real Apache Kafka from a folder of jars: one node, KRaft, its data gone with the run.</summary>
internal sealed class KafkaFromJarsWork(RunContext run, IResource resource, string home) : IWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly string[] Shown = [" ERROR ", " FATAL ", "Exception in thread"];

    private readonly string _folder = run.Folder.Sub(resource.Name);
    private readonly int _controllerPort = Ports.Free();
    private Child? _broker;

    public IReadOnlyList<Child> Children => _broker is null ? [] : [_broker];

    private string Bootstrap => $"127.0.0.1:{resource.Plan.Endpoints[0].Port}";

    /// <summary>Cooperative-sticky: a worker that joins or leaves stops only the partitions that move.</summary>
    public static void TellClients(IResource resource) =>
        resource.Plan.ForClients["Aspire__Confluent__Kafka__Consumer__Config__PartitionAssignmentStrategy"] = "CooperativeSticky";

    public async Task StartAsync(CancellationToken ct)
    {
        var settings = Path.Combine(_folder, "server.properties");
        if (!File.Exists(settings))
        {
            await File.WriteAllLinesAsync(settings, Settings(), ct);
            await FormatAsync(ct);
        }
        var log = new ServerLog(run, resource.Name, Shown);
        // Measured on 2 cores: see docs; C1 alone and the serial collector shorten the start, which is most of a test run's life.
        string[] args = ["-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", Path.Combine(home, "libs", "*"), .. LogSettings(), "kafka.Kafka", settings];
        _broker = await Child.StartAsync(run.Thread, Java(args), line => log.Add(line));
        resource.Plan.ConnectionString.TrySetResult(Bootstrap);
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        await run.PollAsync(token => KafkaProbe.AnyAnswersAsync(Bootstrap, token), ct);
        return $"{Bootstrap}, Apache Kafka from {home}, data in a temporary folder";
    }

    public async Task StopAsync()
    {
        if (_broker is not null)
            await _broker.StopAsync(Posix.SigTerm, Patience);
    }

    /// <summary>Where java is: JAVA_HOME, else PATH; null where it is not.</summary>
    public static string? FindJava() =>
        ((string[])[Path.Combine(Environment.GetEnvironmentVariable("JAVA_HOME") ?? "/", "bin"), .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')])
        .Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);

    private Command Java(string[] args) => new(FindJava() ?? "java", args)
    {
        WorkingDirectory = _folder,
        Environment = new Dictionary<string, string?> { ["KAFKA_LOG"] = Path.Combine(_folder, "server.log") },
    };

    private string[] LogSettings() => File.Exists(Path.Combine(home, "log4j2.properties")) ? [$"-Dlog4j2.configurationFile={Path.Combine(home, "log4j2.properties")}"] : [];

    private async Task FormatAsync(CancellationToken ct)
    {
        var clusterId = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var format = Java(["-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", Path.Combine(home, "libs", "*"), .. LogSettings(),
            "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", Path.Combine(_folder, "server.properties")]);
        await Child.RunAsync(run.Thread, format, $"Formatting Kafka's data folder of '{resource.Name}'", ct);
    }

    private string[] Settings() =>
    [
        "process.roles=broker,controller",
        "node.id=0",
        $"controller.quorum.voters=0@127.0.0.1:{_controllerPort}",
        $"listeners=PLAINTEXT://{Bootstrap},CONTROLLER://127.0.0.1:{_controllerPort}",
        $"advertised.listeners=PLAINTEXT://{Bootstrap}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=PLAINTEXT",
        $"log.dirs={Path.Combine(_folder, "data")}",
        "auto.create.topics.enable=false",
        "num.partitions=12",
        "default.replication.factor=1",
        "min.insync.replicas=1",
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=8",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=8",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "group.initial.rebalance.delay.ms=0",
    ];
}
