using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Health;

/// <summary>
/// One admin client for the process, with a connection of its own: a program that only migrates has no producer whose connection it could share, and a
/// probe's question does not wait behind a producer's records.
/// </summary>
public static class BrokerAdmin
{
    /// <summary>Aspire's section for producers: who must show a certificate or a password there does so here.</summary>
    private const string Section = "Aspire:Confluent:Kafka:Producer";

    /// <summary>How long its own poll waits, ten times Confluent.Kafka's default: nothing here needs to be faster.</summary>
    private const int PollMs = 1_000;

    /// <summary>Tried again at least that often, or /health would say for 10 s (librdkafka's default) that a broker is away which is back.</summary>
    private const int ReconnectMs = 1_000;

    /// <summary>
    /// Registers <see cref="IAdminClient"/> for the broker <c>ConnectionStrings:connectionName</c>, with what is configured for its producers.
    /// </summary>
    /// <param name="builder">The program.</param>
    /// <param name="connectionName">As in <c>ConnectionStrings:connectionName</c>.</param>
    /// <param name="pollMs">How often its thread looks for something to do, in milliseconds: so long it also takes to dispose of it.</param>
    public static void AddBrokerAdmin(this IHostApplicationBuilder builder, string connectionName, int pollMs = PollMs) => builder.Services.TryAddSingleton(services =>
    {
        // It says nothing by itself: the service's own clients log that the broker is away.
        var config = Config(services.GetRequiredService<IConfiguration>(), connectionName);
        config.CancellationDelayMaxMs = pollMs;
        return new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    });

    /// <summary>Adds to <c>/health</c> whether that broker answers, under the connection's name.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">As in <c>ConnectionStrings:connectionName</c>.</param>
    /// <param name="whenAway">What /health says of it then; unless given, unhealthy.</param>
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
