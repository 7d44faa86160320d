using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace LocalHosting.Clients.Redis;

/// <summary>Healthy when the server answers.</summary>
internal sealed class RedisHealthCheck(Func<IConnectionMultiplexer> connection) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await connection().GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is RedisException or InvalidOperationException or TimeoutException)
        {
            return new(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
