using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ServiceDefaults.RateLimits;

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>What one instance of a service has for its limits: a connection and a count of its own.</summary>
internal sealed class LimiterInstance : IAsyncDisposable
{
    /// <summary>Long enough for a machine with other work to do; the tests of the time-out set their own.</summary>
    private const string PatientWithRedis = "00:00:10";

    private readonly WebApplication _app;

    private LimiterInstance(WebApplication app) => _app = app;

    public RateLimiter Limiter => _app.Services.GetRequiredService<RateLimiter>();

    public static async Task<LimiterInstance> StartAsync(string? redis, TimeProvider? clock = null, string redisTimeout = PatientWithRedis, ILoggerProvider? logs = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", redis), new("RateLimits:RedisTimeout", redisTimeout), new("RateLimits:RedisPause", "00:00:00.1")]);
        builder.Logging.ClearProviders();
        if (logs is not null) builder.Logging.AddProvider(logs);
        builder.Services.TryAddSingleton(clock ?? TimeProvider.System);
        builder.AddRateLimits();
        var app = builder.Build();
        if (redis is not null) await app.Services.GetRequiredService<RedisConnection>().StartAsync(TestContext.Current.CancellationToken);
        return new(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
