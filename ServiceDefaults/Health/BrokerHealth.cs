using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Health;

/// <summary>Checks that a Kafka broker answers, by a request for metadata. One per process: <see cref="BrokerAdmin.AddBrokerHealth"/>.</summary>
public sealed class BrokerHealth : IHealthCheck, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Func<int> _ask;
    private Task<int>? _asked;

    /// <summary>Sends its requests with this client.</summary>
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

    /// <summary>Waits for the running request, because the client is disposed of next.</summary>
    public void Dispose()
    {
        if (_asked is { } asked) Task.WaitAny([asked], 2 * Timeout);
    }

    // librdkafka's call blocks for the whole second while the broker is away, so it gets its own thread: on 2 cores two probes held all threads of the
    // pool, and webhooks, which need no broker, waited for up to 3 s (seen by tests/Faults). Callers that come while a request runs share its result, so
    // there is never more than one such thread.
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
