using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers consumers, as the package Aspire.Confluent.Kafka does.</summary>
public static class AspireKafkaConsumerExtensions
{
    private const string Section = "Aspire:Confluent:Kafka:Consumer";

    /// <summary>Registers <see cref="IConsumer{TKey, TValue}"/> for the broker <c>ConnectionStrings:connectionName</c>.</summary>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings) =>
        builder.AddKafkaConsumer<TKey, TValue>(connectionName, configureSettings, (_, _) => { });

    /// <summary>Registers <see cref="IConsumer{TKey, TValue}"/> for the broker <c>ConnectionStrings:connectionName</c>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">The connection string's name.</param>
    /// <param name="configureSettings">Has the last word on settings, after configuration.</param>
    /// <param name="configureBuilder">Sets handlers and deserializers.</param>
    public static void AddKafkaConsumer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName,
        Action<KafkaConsumerSettings>? configureSettings, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder)
    {
        var settings = new KafkaConsumerSettings();
        builder.Bind(Section, connectionName, settings, settings.Config);
        settings.ConnectionString = builder.ConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        settings.Config.BootstrapServers = settings.ConnectionString ?? settings.Config.BootstrapServers;

        builder.Services.AddSingleton(services =>
        {
            KafkaClient.RequireServers(settings.Config, connectionName);
            var consumer = new ConsumerBuilder<TKey, TValue>(settings.Config);
            configureBuilder?.Invoke(services, consumer);
            var log = KafkaClient.LogOf(services);
            KafkaClient.UnlessSet(() => consumer.SetLogHandler((_, line) => log(line)));
            return consumer.Build();
        });
        if (!settings.DisableHealthChecks) builder.AddKafkaHealthCheck($"Aspire.Confluent.Kafka.Consumer_{connectionName}", settings.Config);
    }
}
