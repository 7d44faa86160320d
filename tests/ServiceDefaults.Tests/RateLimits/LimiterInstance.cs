using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ServiceDefaults.RateLimits;
using Support;

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>What one instance of a service has for its limits: a connection and a count of its own.</summary>
internal sealed class LimiterInstance : IAsyncDisposable
{
    /// <summary>Long enough for a machine with other work to do; the tests of the time-out set their own.</summary>
    private const string PatientWithRedis = "00:00:10";

    private readonly WebApplication _app;

    private LimiterInstance(WebApplication app) => _app = app;

    public RateLimiter Limiter => _app.Services.GetRequiredService<RateLimiter>();

    public static async Task<LimiterInstance> StartAsync(
        string? redis, TimeProvider? clock = null, string redisTimeout = PatientWithRedis, ILoggerProvider? logs = null, bool isRedisAway = false)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:redis", redis), new("RateLimits:RedisTimeout", redisTimeout), new("RateLimits:RedisPause", "00:00:00.1"),
        ]);
        builder.Logging.ClearProviders();
        if (logs is not null) builder.Logging.AddProvider(logs);
        builder.Services.TryAddSingleton(clock ?? TimeProvider.System);
        builder.AddRateLimits();
        var app = builder.Build();
        if (redis is not null) await app.Services.GetRequiredService<RedisConnection>().StartAsync(TestContext.Current.CancellationToken);
        if (redis is not null && !isRedisAway) await ConnectedAsync(app.Services);
        return new(app);
    }

    /// <summary>A service starts without Redis when connecting takes longer than a second; what is tested begins with the connection.</summary>
    public static Task ConnectedAsync(IServiceProvider services) => Eventually.TrueAsync(
        _ => Task.FromResult(services.GetRequiredService<RedisConnection>().Database?.Multiplexer.IsConnected is true), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
