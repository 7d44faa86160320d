using Confluent.Kafka;
using Data;
using ServiceDefaults.Health;
using ServiceDefaults.Starting;

namespace Processor.Worker.Clients;

/// <summary>The worker's connections: PostgreSQL, Kafka's producer, and outbound HTTP. Consumers are <see cref="Kafka.KafkaFeature"/>'s.</summary>
internal static class ClientsFeature
{
    /// <summary>A record that is not acknowledged by then is sent again by the code that sent it: the relay, the dead letters.</summary>
    private const int MessageTimeoutMs = 15_000;

    public static void AddClients(this WebApplicationBuilder builder)
    {
        builder.RequireDatabase();
        builder.RequireBroker();
        builder.AddWebhooksDatabase(source => source.ConnectionStringBuilder.NoResetOnClose = true);
        builder.Services.AddWritableCheck();
        builder.AddKafkaProducer<byte[], byte[]>(
            "broker",
            (Aspire.Confluent.Kafka.KafkaProducerSettings settings) =>
            {
                settings.DisableHealthChecks = true;
                settings.DisableMetrics = true; // Aspire's metrics make librdkafka write its statistics each second.
                settings.DisableTracing = true; // Our own spans know the row's trace.
                settings.Config.Acks = Acks.All;
                settings.Config.EnableIdempotence = true;
                settings.Config.MessageTimeoutMs = MessageTimeoutMs;
            },
            (IServiceProvider services, ProducerBuilder<byte[], byte[]> producer) => producer.EndOnFatalError(services));
        builder.AddBrokerHealth("broker");
        builder.Services.AddSingleton(Random.Shared);
    }

    /// <summary>The handler of outbound HTTP clients.</summary>
    public static SocketsHttpHandler OutboundHandler() => new()
    {
        // A redirected POST becomes a GET, and the page that it finds would count as done.
        AllowAutoRedirect = false,
        UseCookies = false,

        // One client lives as long as the worker: new connections resolve the address again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    };
}
