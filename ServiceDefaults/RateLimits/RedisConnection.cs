using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ServiceDefaults.RateLimits;

/// <summary>
/// The connection to Redis, made while the service starts and waited for no longer than a second: the first requests are then counted where
/// all are, and a service whose Redis is away starts all the same. Once made it mends itself.
/// </summary>
internal sealed class RedisConnection(IServiceProvider services, TimeProvider clock) : IHostedService, IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Connecting blocks its thread for as long as the server is away.
    private readonly Lazy<Task<IConnectionMultiplexer>> _connecting = new(() => Task.Run(services.GetRequiredService<IConnectionMultiplexer>));

    /// <summary>Null until there is a connection.</summary>
    public IDatabase? Database => _connecting.Value.IsCompletedSuccessfully ? _connecting.Value.Result.GetDatabase() : null;

    /// <summary>Connects. What Redis has nothing to do with, such as a connection string that cannot be read, stops the start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connecting.Value.WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or RedisException)
        {
            // It is away; the first request says so.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Away is degraded, not unhealthy: limits are counted in process, and the work goes on.</summary>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (Database is not { } database) return HealthCheckResult.Degraded();
        try
        {
            await database.PingAsync().WaitAsync(Patience, clock, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is TimeoutException or RedisException)
        {
            return HealthCheckResult.Degraded();
        }
    }
}
