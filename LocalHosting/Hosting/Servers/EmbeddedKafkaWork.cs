using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Running;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Servers;

/// <summary>librdkafka's built-in cluster in a process of its own (LocalHosting/EmbeddedKafka): Kafka's protocol over TCP, in memory.</summary>
internal sealed class EmbeddedKafkaWork(RunContext run, IResource resource) : IWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string[] Shown = ["ERROR", "FATAL", "Unhandled exception"];

    private readonly TaskCompletionSource<string> _bootstrap = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Child? _broker;

    public IReadOnlyList<Child> Children => _broker is null ? [] : [_broker];

    /// <summary>Its messages were in memory, and its port is another each time.</summary>
    public bool CanStartAgain => false;

    /// <summary>
    /// What its consumers must be told: cooperative-sticky trips an assertion of librdkafka 2.0.2 on this cluster,
    /// and it rebalances only when a session has timed out, so that is short.
    /// </summary>
    public static void TellClients(IResource resource)
    {
        resource.Plan.ForClients["Aspire__Confluent__Kafka__Consumer__Config__PartitionAssignmentStrategy"] = "Range";
        resource.Plan.ForClients["Aspire__Confluent__Kafka__Consumer__Config__SessionTimeoutMs"] = "6000";
    }

    public async Task StartAsync(CancellationToken ct)
    {
        if (_broker is not null)
            throw new DistributedApplicationException("The embedded Kafka cannot be started again: its messages were in memory, and its port is another each time. Set KAFKA_HOME for a test that needs this.");
        var program = Path.Combine(AppContext.BaseDirectory, "LocalHosting.EmbeddedKafka.dll");
        if (!File.Exists(program))
            throw new DistributedApplicationException($"The embedded Kafka, {program}, is not there. Build the AppHost (or test project) again.");
        var topics = run.Configuration.GetSection("LocalHosting:Topics").Get<string[]>() ?? [];
        var log = new ServerLog(run, resource.Name, Shown);
        _broker = await Child.StartAsync(run.Thread, new(Dotnet.Path, [program, .. topics]) { WorkingDirectory = run.Folder.Path }, line =>
        {
            log.Add(line);
            // librdkafka's own remarks come on the same way; the bootstrap list alone is host:port and nothing else.
            if (IPEndPoint.TryParse(line, out var broker) && broker.Port != 0)
                _bootstrap.TrySetResult(line);
        });
    }

    public async Task<string> ReadyAsync(CancellationToken ct)
    {
        var bootstrap = await _bootstrap.Task.WaitAsync(ct);
        var endpoint = resource.Plan.Endpoints[0];
        endpoint.Ports.Clear();
        endpoint.Ports.Add(int.Parse(bootstrap[(bootstrap.LastIndexOf(':') + 1)..]));
        await run.PollAsync(token => KafkaProbe.AnyAnswersAsync(bootstrap, token), ct);
        resource.Plan.ConnectionString.TrySetResult(bootstrap);
        return $"{bootstrap}, embedded Kafka, in memory";
    }

    public async Task StopAsync()
    {
        if (_broker is not null)
            await _broker.StopAsync(Posix.SigTerm, Patience);
    }
}
