using Confluent.Kafka;
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
        builder.AddNpgsqlDataSource("webhooks", configureDataSourceBuilder: source => source.ConnectionStringBuilder.NoResetOnClose = true);

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
        settings.Config.GroupId ??= "processor-worker";
        settings.Config.AutoOffsetReset = AutoOffsetReset.Earliest;
        settings.Config.EnableAutoCommit = true; // Commits each second what is stored, and
        settings.Config.EnableAutoOffsetStore = false; // nothing is stored before its row has what the record asks for.
        settings.Config.AutoCommitIntervalMs = 1_000;
        settings.Config.SessionTimeoutMs ??= 15_000; // Who was killed is replaced after this; with Kafka's 45 s that took 39 s and more.
        settings.Config.PartitionAssignmentStrategy ??= PartitionAssignmentStrategy.CooperativeSticky;
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
