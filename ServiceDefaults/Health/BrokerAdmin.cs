using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Health;

/// <summary>
/// Registers one Kafka admin client per process. It has its own connection: a program that only migrates has no producer to share one with, and a health
/// check must not wait behind a producer's records.
/// </summary>
public static class BrokerAdmin
{
    /// <summary>Aspire's configuration section for producers. Certificates and passwords that are set there apply here too.</summary>
    private const string Section = "Aspire:Confluent:Kafka:Producer";

    /// <summary>The longest wait of the client's poll loop, in milliseconds: ten times Confluent.Kafka's default, since nothing here needs
    /// to be faster.</summary>
    private const int PollMs = 1_000;

    /// <summary>The longest wait before the client reconnects. With librdkafka's default of 10 s, /health reported a broker as away that was back.</summary>
    private const int ReconnectMs = 1_000;

    /// <summary>
    /// Registers <see cref="IAdminClient"/> for the broker <c>ConnectionStrings:connectionName</c>, with the configuration of its producers.
    /// </summary>
    /// <param name="builder">The program.</param>
    /// <param name="connectionName">As in <c>ConnectionStrings:connectionName</c>.</param>
    /// <param name="pollMs">The longest wait of its poll loop, in milliseconds; disposing of it takes that long too.</param>
    public static void AddBrokerAdmin(this IHostApplicationBuilder builder, string connectionName, int pollMs = PollMs) =>
        builder.Services.TryAddSingleton(services =>
        {
            // It logs nothing: the service's producers and consumers log that the broker is away.
            var config = Config(services.GetRequiredService<IConfiguration>(), connectionName);
            config.CancellationDelayMaxMs = pollMs;
            return new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        });

    /// <summary>Adds a check to <c>/health</c>, named as the connection, that reports whether the broker answers.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">As in <c>ConnectionStrings:connectionName</c>.</param>
    /// <param name="whenAway">The status while it does not answer; unhealthy unless given.</param>
    public static void AddBrokerHealth(this IHostApplicationBuilder builder, string connectionName, HealthStatus? whenAway = null)
    {
        builder.AddBrokerAdmin(connectionName);
        builder.Services.TryAddSingleton<BrokerHealth>();
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>(connectionName, whenAway);
    }

    private static AdminClientConfig Config(IConfiguration configuration, string connectionName)
    {
        var config = new AdminClientConfig();
        configuration.GetSection($"{Section}:Config").Bind(config);
        configuration.GetSection($"{Section}:{connectionName}:Config").Bind(config);
        config.BootstrapServers = configuration.GetConnectionString(connectionName) ?? config.BootstrapServers;
        config.ReconnectBackoffMaxMs = ReconnectMs;
        return config;
    }
}
