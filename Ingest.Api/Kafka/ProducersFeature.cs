using Confluent.Kafka;
using Ingest.Api.Transactions;
using ServiceDefaults.Health;
using ServiceDefaults.Starting;

namespace Ingest.Api.Kafka;

/// <summary>
/// Kafka's producers: one that gathers records, for webhooks and payments, for whose records no request waits; and one that sends at once, for charges and
/// redriven dead letters, whose callers wait. They are told apart by the type of their keys.
/// </summary>
internal static class ProducersFeature
{
    /// <summary>Registers both, and the health check of the broker.</summary>
    public static void AddProducers(this WebApplicationBuilder builder)
    {
        builder.RequireBroker();
        builder.AddProducer<string>(lingerMs: 50); // A broker works in batches: 16 us a record at 5 ms, 2 us at 50 ms.
        builder.AddProducer<byte[]>(lingerMs: 0);

        // Degraded, not unhealthy: everything is taken in without the broker, and the relay publishes it when it is back.
        builder.AddBrokerHealth("broker", Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded);
    }

    private static void AddProducer<TKey>(this WebApplicationBuilder builder, double lingerMs)
    {
        var deliveryTimeout = builder.Configuration.GetValue(
            $"{AcceptOptions.Section}:{nameof(AcceptOptions.DeliveryTimeout)}", new AcceptOptions().DeliveryTimeout);
        builder.AddKafkaProducer<TKey, byte[]>(
            "broker",
            (Aspire.Confluent.Kafka.KafkaProducerSettings settings) =>
            {
                settings.DisableMetrics = true; // Aspire's have librdkafka write its statistics each second,
                settings.DisableTracing = true; // and its spans would come beside ours, which begin in the request's trace.
                settings.DisableHealthChecks = true; // Aspire's own check produces to a topic; BrokerHealth only asks for metadata.
                settings.Config.Acks = Acks.All;
                settings.Config.EnableIdempotence = true;
                settings.Config.DeliveryReportFields = "key"; // All that UndeliveredRecords needs; the rest would be copied back for each record.
                settings.Config.LingerMs = lingerMs;
                settings.Config.MessageTimeoutMs = (int)deliveryTimeout.TotalMilliseconds;
            },
            (IServiceProvider services, ProducerBuilder<TKey, byte[]> producer) => producer.EndOnFatalError(services));
    }
}
