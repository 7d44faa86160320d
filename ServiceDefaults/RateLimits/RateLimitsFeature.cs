using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults.Requests;
using StackExchange.Redis;

namespace ServiceDefaults.RateLimits;

/// <summary>Registers the rate limits that <see cref="LimitedEndpoints.LimitedBy"/>, <see cref="LoginFailures"/> and <see cref="AuthFailures"/> use.</summary>
public static class RateLimitsFeature
{
    private const string Redis = "redis";

    /// <summary>Adds rate limits: counted in Redis when <c>ConnectionStrings__redis</c> is set, which /health then shows, otherwise in this process.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RateLimitOptions>, Validation>();
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<RateLimiter>();
        builder.Services.AddSingleton(services =>
            new LoginFailures(
                services.GetRequiredService<RateLimiter>(), services.GetRequiredService<ClientAddress>(),
                services.GetRequiredService<IOptions<RateLimitOptions>>()));
        builder.Services.AddSingleton(services =>
            new AuthFailures(
                services.GetRequiredService<RateLimiter>(), services.GetRequiredService<ClientAddress>(),
                services.GetRequiredService<IOptions<RateLimitOptions>>(), services.GetRequiredService<TimeProvider>()));
        if (!string.IsNullOrEmpty(builder.Configuration.GetConnectionString(Redis))) builder.AddRedis();
        return builder;
    }

    private static void AddRedis(this WebApplicationBuilder builder)
    {
        // Its own health check would report the service as unhealthy, and would block a thread while it connects.
        builder.AddRedisClient(Redis, settings => settings.DisableHealthChecks = true, redis =>
        {
            redis.AbortOnConnectFail = false;
            redis.ConnectTimeout = 1000;

            // Seconds between pings on an idle connection (60 by default): a server that vanished is noticed before a request waits for it.
            redis.KeepAlive = 5;

            // Its default grows to half a minute and more, for which limits would be counted per process.
            redis.ReconnectRetryPolicy = new LinearRetry(500);
        });
        builder.Services.AddSingleton<RedisConnection>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisConnection>());
        builder.Services.AddSingleton<RedisWindows>();
        builder.Services.AddHealthChecks().Add(new(Redis, services => services.GetRequiredService<RedisConnection>(), HealthStatus.Degraded, tags: null));
    }

    private sealed class Validation(IHostEnvironment environment) : IValidateOptions<RateLimitOptions>
    {
        public ValidateOptionsResult Validate(string? name, RateLimitOptions options) =>
            options.Faults(environment.IsDevelopment()).ToArray() is { Length: > 0 } faults
                ? ValidateOptionsResult.Fail(faults)
                : ValidateOptionsResult.Success;
    }
}

/// <summary>
/// The connection to Redis. It is made while the service starts, which waits for it for a second at most: the first requests are then counted in
/// Redis too, and a service starts although Redis is unavailable. A connection that was made once is restored by the client.
/// </summary>
internal sealed class RedisConnection(IServiceProvider services, TimeProvider clock) : IHostedService, IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Connecting blocks its thread while the server is unavailable.
    private readonly Lazy<Task<IConnectionMultiplexer>> _connecting = new(() => Task.Run(services.GetRequiredService<IConnectionMultiplexer>));

    /// <summary>Null until there is a connection.</summary>
    public IDatabase? Database => _connecting.Value.IsCompletedSuccessfully ? _connecting.Value.Result.GetDatabase() : null;

    /// <summary>Connects. An error that is not Redis's, such as a connection string that cannot be read, stops the start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connecting.Value.WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or RedisException)
        {
            // Unavailable; the first request logs it.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Unavailable is degraded, not unhealthy: limits are then counted in this process.</summary>
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
