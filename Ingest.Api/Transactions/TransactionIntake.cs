using Confluent.Kafka;
using Data.Transactions;
using ServiceDefaults.Authentication;
using ServiceDefaults.Health;

namespace Ingest.Api.Transactions;

/// <summary>What the intake of transactions needs, in the order of a webhook's way through it.</summary>
internal static class TransactionIntake
{
    public static void AddTransactionIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SignatureOptions>().BindConfiguration(SignatureOptions.Section)
            .Validate(o => o.Secrets.All(SignatureOptions.IsWellFormed), "WebhookSignature__Secrets__n: each must be whsec_ and at least 24 bytes in base64.")
            .Validate(o => o.Tolerance > TimeSpan.Zero, "WebhookSignature__Tolerance must be more than 00:00:00, such as 00:05:00.")
            .ValidateOnStart();
        builder.Services.AddOptions<AuthOptions>().PostConfigure<Microsoft.Extensions.Options.IOptions<SignatureOptions>>(
            (auth, signature) => auth.ProtectedOtherwise = signature.Value.Secrets.Length > 0);
        builder.Services.AddOptions<AcceptOptions>().BindConfiguration(AcceptOptions.Section)
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<TransactionSchedule>().BindConfiguration(TransactionSchedule.Section)
            .Validate(o => o.Fault is null, "Processing__Delay must be between 00:00:00 and 01:00:00, such as 00:00:30.").ValidateOnStart();

        builder.AddProducer();

        builder.Services.AddSingleton<SignatureCheck>();
        builder.Services.AddSingleton<AcceptMetrics>();
        builder.Services.AddSingleton<InsertTransactions>();
        builder.Services.AddSingleton<UndeliveredRecords>();
        builder.Services.AddHostedService(services => services.GetRequiredService<UndeliveredRecords>());
        builder.Services.AddSingleton<PublishTransactions>();
        builder.Services.AddSingleton<CommitQueue>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CommitQueue>());

        // Degraded, not unhealthy: webhooks are taken in without the broker, and the relay publishes them when it is back.
        builder.AddBrokerHealth("broker", Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded);
    }

    private static void AddProducer(this WebApplicationBuilder builder)
    {
        var deliveryTimeout = builder.Configuration.GetValue(
            $"{AcceptOptions.Section}:{nameof(AcceptOptions.DeliveryTimeout)}", new AcceptOptions().DeliveryTimeout);
        builder.AddKafkaProducer<string, byte[]>(
            "broker",
            (Aspire.Confluent.Kafka.KafkaProducerSettings settings) =>
            {
                settings.DisableMetrics = true; // Aspire's have librdkafka write its statistics each second,
                settings.DisableTracing = true; // and its spans would be there beside ours, which begin in the request's trace.
                settings.DisableHealthChecks = true; // Aspire's own check produces to a topic; BrokerHealth only asks for metadata.
                settings.Config.Acks = Acks.All;
                settings.Config.EnableIdempotence = true;
                settings.Config.DeliveryReportFields = "key"; // All that UndeliveredRecords asks for; the rest would be copied back for each record.
                settings.Config.LingerMs = 50; // Nobody waits for it, and a broker works by the batch: 16 us a record at 5 ms, 2 at 50.
                settings.Config.MessageTimeoutMs = (int)deliveryTimeout.TotalMilliseconds;
            },
            (IServiceProvider services, ProducerBuilder<string, byte[]> producer) => producer.EndOnFatalError(services));
    }
}
