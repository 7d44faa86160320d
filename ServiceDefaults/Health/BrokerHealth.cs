using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Health;

/// <summary>Does a Kafka broker answer? Asks for its metadata over the client's own connection.</summary>
/// <typeparam name="TClient">The service's producer or consumer.</typeparam>
public sealed class BrokerHealth<TClient>(TClient client) : IHealthCheck where TClient : IClient
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // librdkafka's call blocks, for the whole second while the broker is away. A thread of its own: on 2 cores two probes would hold all the
            // pool's threads, and webhooks, which need no broker, then waited for up to 3 s (seen by tests/Faults).
            return await Task.Factory.StartNew(Ask, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (KafkaException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Error.Reason);
        }
    }

    private HealthCheckResult Ask()
    {
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        return HealthCheckResult.Healthy($"{admin.GetMetadata(Timeout).Brokers.Count} brokers");
    }
}
