using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ServiceDefaults.RateLimits;

/// <summary>Adds what <see cref="LimitedEndpoints.LimitedBy"/> and <see cref="LoginFailures"/> stand on.</summary>
public static class RateLimitsExtensions
{
    private const string Redis = "redis";

    /// <summary>Adds rate limits: by Redis where <c>ConnectionStrings__redis</c> is given, which /health then shows; else in this process alone.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RateLimitOptions>, Validation>();
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<RateLimiter>();
        builder.Services.AddSingleton(services =>
            new LoginFailures(services.GetRequiredService<RateLimiter>(), services.GetRequiredService<IOptions<RateLimitOptions>>()));
        if (!string.IsNullOrEmpty(builder.Configuration.GetConnectionString(Redis))) builder.AddRedis();
        return builder;
    }

    private static void AddRedis(this WebApplicationBuilder builder)
    {
        // Its own health check would call the service unhealthy, and would block a thread while it connects.
        builder.AddRedisClient(Redis, settings => settings.DisableHealthChecks = true, redis =>
        {
            redis.AbortOnConnectFail = false;
            redis.ConnectTimeout = 1000;

            // Seconds between pings on an idle connection (60 by default): a server that vanished is noticed before a request waits for it.
            redis.KeepAlive = 5;

            // Its own grows to half a minute and more: so long nobody wants to be without.
            redis.ReconnectRetryPolicy = new LinearRetry(500);
        });
        builder.Services.AddSingleton<RedisConnection>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisConnection>());
        builder.Services.AddSingleton<RedisWindows>();
        builder.Services.AddHealthChecks().Add(new(Redis, services => services.GetRequiredService<RedisConnection>(), HealthStatus.Degraded, tags: null));
    }

    private sealed class Validation : IValidateOptions<RateLimitOptions>
    {
        public ValidateOptionsResult Validate(string? name, RateLimitOptions options) =>
            options.Faults().ToArray() is { Length: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
