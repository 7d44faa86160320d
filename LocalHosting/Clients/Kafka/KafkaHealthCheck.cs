using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalHosting.Clients.Kafka;

/// <summary>Healthy when the broker gives the cluster's metadata; nothing is produced for it.</summary>
internal sealed class KafkaHealthCheck(Func<string> bootstrapServers) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // A client of its own: one that depends on the service's spins in Confluent.Kafka 1.9.3 (ServiceDefaults/Health/BrokerAdmin.cs).
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers() }).SetLogHandler((_, _) => { }).Build();
            // The call blocks its thread, so it gets one that is not a request's.
            var metadata = await Task.Factory.StartNew(
                () => admin.GetMetadata(Timeout), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return HealthCheckResult.Healthy($"{metadata.Brokers.Count} brokers");
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException)
        {
            return new(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
