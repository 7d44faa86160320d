using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Health;

/// <summary>Does a Kafka broker answer? Asks for the cluster's metadata. One for the process: <see cref="BrokerAdmin.AddBrokerHealth"/>.</summary>
public sealed class BrokerHealth : IHealthCheck, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Func<int> _ask;
    private Task<int>? _asked;

    /// <summary>Asks by this client.</summary>
    public BrokerHealth(IAdminClient admin)
        : this(() => admin.GetMetadata(Timeout).Brokers.Count)
    {
    }

    internal BrokerHealth(Func<int> ask) => _ask = ask;

    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return HealthCheckResult.Healthy($"{await AskAsync().WaitAsync(cancellationToken)} brokers");
        }
        catch (KafkaException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Error.Reason);
        }
    }

    /// <summary>Waits until nobody uses the client, which is disposed of next.</summary>
    public void Dispose()
    {
        if (_asked is { } asked) Task.WaitAny([asked], 2 * Timeout);
    }

    // librdkafka's call blocks, for the whole second while the broker is away. It gets a thread of its own: on 2 cores two probes would hold all the
    // pool's threads, and webhooks, which need no broker, then waited for up to 3 s (seen by tests/Faults). And one thread, however many probe: who
    // comes while a question is open is given its answer.
    private Task<int> AskAsync()
    {
        lock (_lock)
        {
            if (_asked is null or { IsCompleted: true })
                _asked = Task.Factory.StartNew(_ask, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return _asked;
        }
    }
}
