using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers producers, as the package Aspire.Confluent.Kafka does.</summary>
public static class AspireKafkaProducerExtensions
{
    private const string Section = "Aspire:Confluent:Kafka:Producer";

    /// <summary>Registers <see cref="IProducer{TKey, TValue}"/> for the broker <c>ConnectionStrings:connectionName</c>.</summary>
    public static void AddKafkaProducer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName) =>
        builder.AddKafkaProducer<TKey, TValue>(connectionName, configureSettings: null, (_, _) => { });

    /// <summary>Registers <see cref="IProducer{TKey, TValue}"/> for the broker <c>ConnectionStrings:connectionName</c>.</summary>
    public static void AddKafkaProducer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName, Action<KafkaProducerSettings>? configureSettings) =>
        builder.AddKafkaProducer<TKey, TValue>(connectionName, configureSettings, (_, _) => { });

    /// <summary>Registers <see cref="IProducer{TKey, TValue}"/> for the broker <c>ConnectionStrings:connectionName</c>.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="connectionName">The connection string's name.</param>
    /// <param name="configureSettings">Has the last word on settings, after configuration.</param>
    /// <param name="configureBuilder">Sets handlers.</param>
    public static void AddKafkaProducer<TKey, TValue>(
        this IHostApplicationBuilder builder, string connectionName,
        Action<KafkaProducerSettings>? configureSettings, Action<IServiceProvider, ProducerBuilder<TKey, TValue>>? configureBuilder)
    {
        var settings = new KafkaProducerSettings();
        builder.Bind(Section, connectionName, settings, settings.Config);
        settings.ConnectionString = builder.ConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        settings.Config.BootstrapServers = settings.ConnectionString ?? settings.Config.BootstrapServers;

        builder.Services.AddSingleton(services =>
        {
            KafkaClient.RequireServers(settings.Config, connectionName);
            var producer = new ProducerBuilder<TKey, TValue>(settings.Config);
            configureBuilder?.Invoke(services, producer);
            var log = KafkaClient.LogOf(services);
            KafkaClient.UnlessSet(() => producer.SetLogHandler((_, line) => log(line)));
            return producer.Build();
        });
        if (!settings.DisableHealthChecks) builder.AddKafkaHealthCheck($"Aspire.Confluent.Kafka.Producer_{connectionName}", settings.Config);
    }
}
