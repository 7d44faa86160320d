using Aspire.StackExchange.Redis;
using LocalHosting.Clients;
using LocalHosting.Clients.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Redis clients.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>Registers <see cref="IConnectionMultiplexer"/> for the server <c>ConnectionStrings:connectionName</c>, with a health check.</summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder, string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null, Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = new StackExchangeRedisSettings();
        Settings.Bind(builder, Section, connectionName, settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var options = ConfigurationOptions.Parse(Settings.Needed(settings.ConnectionString, connectionName));
            configureOptions?.Invoke(options);
            return ConnectionMultiplexer.Connect(options);
        });
        if (!settings.DisableHealthChecks)
            builder.TryAdd("StackExchange.Redis", services => new RedisHealthCheck(services.GetRequiredService<IConnectionMultiplexer>));
    }
}
