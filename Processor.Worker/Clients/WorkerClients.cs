using Confluent.Kafka;
using Data;
using Processor.Worker.Transactions;
using ServiceDefaults.Health;

namespace Processor.Worker.Clients;

/// <summary>The worker's connections: PostgreSQL, and Kafka both ways.</summary>
internal static class WorkerClients
{
    /// <summary>A record that is not acknowledged by then is tried again by whoever sent it: the relay, the dead letters.</summary>
    private const int MessageTimeoutMs = 15_000;

    public static void AddWorkerClients(this WebApplicationBuilder builder)
    {
        builder.AddWebhooksDatabase(source => source.ConnectionStringBuilder.NoResetOnClose = true);

        builder.AddKafkaConsumer<byte[], byte[]>(
            "broker",
            (Aspire.Confluent.Kafka.KafkaConsumerSettings settings) => CommitWhatIsStored(settings),
            (IServiceProvider services, ConsumerBuilder<byte[], byte[]> consumer) => services.GetRequiredService<Assignment>().Attach(consumer));
        builder.Services.AddSingleton<Assignment>();

        builder.AddKafkaProducer<byte[], byte[]>(
            "broker",
            (Aspire.Confluent.Kafka.KafkaProducerSettings settings) =>
            {
                settings.DisableHealthChecks = true;
                settings.DisableMetrics = true; // Aspire's have librdkafka write its statistics each second,
                settings.DisableTracing = true; // and its spans would be there beside ours, which know the row's trace.
                settings.Config.Acks = Acks.All;
                settings.Config.EnableIdempotence = true;
                settings.Config.MessageTimeoutMs = MessageTimeoutMs;
            },
            (IServiceProvider services, ProducerBuilder<byte[], byte[]> producer) => producer.EndOnFatalError(services));

        builder.AddBrokerHealth("broker");
    }

    /// <summary>A consumer that passes an offset when it is told so, and not before.</summary>
    public static void CommitWhatIsStored(Aspire.Confluent.Kafka.KafkaConsumerSettings settings)
    {
        settings.DisableHealthChecks = true; // BrokerHealth asks without joining a group.
        settings.DisableMetrics = true; // As the producer's.
        settings.DisableTracing = true;
        settings.Config.GroupId ??= "processor-worker";
        settings.Config.AutoOffsetReset = AutoOffsetReset.Earliest;
        settings.Config.EnableAutoCommit = true; // Commits each second what is stored, and
        settings.Config.EnableAutoOffsetStore = false; // nothing is stored before its row has what the record asks for.
        settings.Config.AutoCommitIntervalMs = 1_000;
        JoinGroup(settings.Config);
    }

    // With KIP-848 the broker assigns the partitions, and it has the session time-out: group.consumer.session.timeout.ms. Who joins or leaves is heard of
    // with the next heartbeat, not in rounds of all members: docs/performance.md has the times. A broker before Kafka 4.0 knows the classic protocol alone.
    private static void JoinGroup(ConsumerConfig config)
    {
        config.GroupProtocol ??= GroupProtocol.Consumer;
        if (config.GroupProtocol != GroupProtocol.Classic) return;
        config.SessionTimeoutMs ??= 15_000; // Who was killed is replaced after this; with Kafka's 45 s that took 39 s and more.
        config.PartitionAssignmentStrategy ??= PartitionAssignmentStrategy.CooperativeSticky;
    }

    /// <summary>What POSTs to others go out by.</summary>
    public static SocketsHttpHandler OutboundHandler() => new()
    {
        // A redirected POST becomes a GET, and whatever page that finds would count as done.
        AllowAutoRedirect = false,
        UseCookies = false,

        // One client for the worker's whole life: new connections ask for the address anew.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    };
}
