using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Confluent.Kafka;

/// <summary>What producers and consumers have in common: where their settings come from, their log, their health check.</summary>
internal static partial class KafkaClient
{
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Section, then section:name; the later wins.</summary>
    public static void Bind(this IHostApplicationBuilder builder, string section, string name, object settings, ClientConfig config)
    {
        foreach (var from in (string[])[section, $"{section}:{name}"])
        {
            builder.Configuration.GetSection(from).Bind(settings);
            builder.Configuration.GetSection($"{from}:Config").Bind(config);
        }
    }

    public static string? ConnectionString(this IHostApplicationBuilder builder, string name) => builder.Configuration.GetConnectionString(name);

    /// <summary>Asked when the client is made: a program that never uses it needs none.</summary>
    public static void RequireServers(ClientConfig config, string name)
    {
        if (string.IsNullOrEmpty(config.BootstrapServers))
            throw new InvalidOperationException(
                $"There is no connection string '{name}'. Set ConnectionStrings__{name}, or start this service by the AppHost, which does.");
    }

    /// <summary>librdkafka's log lines under one category; without a handler they go to stderr, past every setting.</summary>
    public static Action<LogMessage> LogOf(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Confluent.Kafka");
        return line =>
        {
            var level = (LogLevel)line.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
            if (logger.IsEnabled(level)) Line(logger, level, line.Facility, line.Message);
        };
    }

    /// <summary>A handler can be set once, and the caller's own stays.</summary>
    public static void UnlessSet(Action set)
    {
        try
        {
            set();
        }
        catch (InvalidOperationException)
        {
            // The caller has set one.
        }
    }

    /// <summary>Healthy when the broker gives the cluster's metadata; nothing is produced for it.</summary>
    public static void AddKafkaHealthCheck(this IHostApplicationBuilder builder, string name, ClientConfig config)
    {
        // Two clients of one broker have one check between them; two checks of one name would be refused.
        if (!builder.Properties.TryAdd($"HealthCheck:{name}", true)) return;
        builder.Services.AddHealthChecks().AddAsyncCheck(name, stop =>
            Task.Factory.StartNew(() => Check(config.BootstrapServers), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    private static HealthCheckResult Check(string bootstrapServers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
        try
        {
            return HealthCheckResult.Healthy($"{admin.GetMetadata(HealthTimeout).Brokers.Count} brokers");
        }
        catch (KafkaException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Error.Reason);
        }
    }

    [LoggerMessage(EventId = 1, Message = "{Facility}: {Line}")]
    private static partial void Line(ILogger logger, LogLevel level, string facility, string line);
}
