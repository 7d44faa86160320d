using System.Buffers.Text;
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
    private readonly KafkaCache _cache = new(run, home);
    private readonly int _controllerPort = run.Ports.Free();
    private Child? _broker;

    public IReadOnlyList<Child> Children => _broker is null ? [] : [_broker];

    private string Data => Path.Combine(_folder, "data");

    private string Bootstrap => $"127.0.0.1:{resource.Plan.Endpoints[0].Port}";

    /// <summary>Where its clients are to go: to itself, or to a test's proxy before it.</summary>
    private string Advertised => Proxies.PortFor(run.Configuration, resource.Name) is { } port ? $"127.0.0.1:{port}" : Bootstrap;

    /// <summary>Cooperative-sticky: a worker that joins or leaves stops only the partitions that move.</summary>
    public static void TellClients(IResource resource) =>
        resource.Plan.ForClients["Aspire__Confluent__Kafka__Consumer__Config__PartitionAssignmentStrategy"] = "CooperativeSticky";

    public async Task StartAsync(CancellationToken ct)
    {
        var settings = Path.Combine(_folder, "server.properties");
        if (!File.Exists(settings))
        {
            await File.WriteAllLinesAsync(settings, Settings(), ct);
            if (!_cache.TryFormat(Data, clusterId: RandomId(), directoryId: RandomId()))
                await FormatAsync(ct);
        }
        var log = new ServerLog(run, resource.Name, Shown);
        // The fast compiler alone and the simple collector: 2.5 s to the first answer instead of 5.3 s, and this broker never runs for long.
        string[] args = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", _cache.JvmOption(), "kafka.Kafka", settings];
        _broker = await Child.StartAsync(run.Thread, Java(args), line => log.Add(line));
        resource.Plan.ConnectionString.TrySetResult(Advertised);
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        await run.PollAsync(token => KafkaProbe.AnyAnswersAsync(Bootstrap, token), ct);
        return $"{Bootstrap}, Apache Kafka from {home}, data in a temporary folder";
    }

    public async Task StopAsync()
    {
        if (_broker is null)
            return;
        await _broker.StopAsync(Posix.SigTerm, Patience);
        // Killed, it may have been in the middle of writing the archive.
        if (await _broker.Exited != 128 + Posix.SigKill)
            _cache.KeepArchive();
    }

    /// <summary>Where java is: JAVA_HOME, else PATH; null where it is not.</summary>
    public static string? FindJava()
    {
        var home = Environment.GetEnvironmentVariable("JAVA_HOME");
        string[] folders = [.. string.IsNullOrEmpty(home) ? (string[])[] : [Path.Combine(home, "bin")], .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];
        return folders.Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);
    }

    private Command Java(string[] args) =>
        new(FindJava() ?? "java", ["-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", Path.Combine(home, "libs", "*"), .. LogSettings(), .. args])
        {
            WorkingDirectory = _folder,
            Environment = new Dictionary<string, string?> { ["KAFKA_LOG"] = Path.Combine(_folder, "server.log") },
        };

    private string[] LogSettings() => File.Exists(Path.Combine(home, "log4j2.properties")) ? [$"-Dlog4j2.configurationFile={Path.Combine(home, "log4j2.properties")}"] : [];

    private async Task FormatAsync(CancellationToken ct)
    {
        var format = Java(["kafka.tools.StorageTool", "format", "-t", RandomId(), "-c", Path.Combine(_folder, "server.properties")]);
        await Child.RunAsync(run.Thread, format, $"Formatting Kafka's data folder of '{resource.Name}'", ct);
        _cache.Learn(Data);
    }

    /// <summary>An id as Kafka writes them: 16 random bytes, base64url.</summary>
    private static string RandomId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    private string[] Settings() =>
    [
        "process.roles=broker,controller",
        "node.id=0",
        $"controller.quorum.voters=0@127.0.0.1:{_controllerPort}",
        $"listeners=PLAINTEXT://{Bootstrap},CONTROLLER://127.0.0.1:{_controllerPort}",
        $"advertised.listeners=PLAINTEXT://{Advertised}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names=CONTROLLER",
        "inter.broker.listener.name=PLAINTEXT",
        $"log.dirs={Data}",
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
