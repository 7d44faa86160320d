using Confluent.Kafka;

namespace Processor.Worker.Kafka;

/// <summary>Consumers: each topic has a reader, a consumer of its own and a thread of its own.</summary>
internal static class KafkaFeature
{
    /// <summary>Reads a topic by <typeparamref name="TReader"/>, which is registered with this.</summary>
    /// <typeparam name="TValue">The body; of each topic another type, since consumers are registered by it.</typeparam>
    /// <typeparam name="TReader">Takes the records.</typeparam>
    /// <param name="builder">The worker.</param>
    /// <param name="deserializer">Null for bytes. It must not throw.</param>
    /// <param name="groupSuffix">Added to the group's name, so that one topic's rebalances and backlog do not stop another.</param>
    /// <param name="fetchWaitMs">How long the broker may hold back an answer without records; null for librdkafka's 500 ms.</param>
    public static void AddTopicConsumer<TValue, TReader>(
        this WebApplicationBuilder builder, IDeserializer<TValue>? deserializer, string groupSuffix, int? fetchWaitMs = null)
        where TReader : class, ITopicReader<TValue>
    {
        builder.AddKafkaConsumer<byte[], TValue>(
            "broker",
            (Aspire.Confluent.Kafka.KafkaConsumerSettings settings) => Configure(settings, groupSuffix, fetchWaitMs),
            (IServiceProvider services, ConsumerBuilder<byte[], TValue> consumer) =>
            {
                if (deserializer is not null) consumer.SetValueDeserializer(deserializer);
                services.GetRequiredService<PartitionAssignment<TValue>>().Attach(consumer);
            });
        builder.Services.AddSingleton<TReader>();
        builder.Services.AddSingleton<ITopicReader<TValue>>(services => services.GetRequiredService<TReader>());
        builder.Services.AddSingleton<PartitionAssignment<TValue>>();
        builder.Services.AddHostedService<ConsumeTopic<TValue>>();
    }

    private static void Configure(Aspire.Confluent.Kafka.KafkaConsumerSettings settings, string groupSuffix, int? fetchWaitMs)
    {
        settings.DisableHealthChecks = true; // BrokerHealth asks without joining a group.
        settings.DisableMetrics = true; // Aspire's metrics make librdkafka write its statistics each second.
        settings.DisableTracing = true; // Our own spans know the row's trace.
        settings.Config.GroupId = (settings.Config.GroupId ?? "processor-worker") + groupSuffix;
        settings.Config.AutoOffsetReset = AutoOffsetReset.Earliest;
        settings.Config.EnableAutoCommit = true; // librdkafka commits each second what is stored, and
        settings.Config.EnableAutoOffsetStore = false; // nothing is stored before its reader says so.
        settings.Config.AutoCommitIntervalMs = 1_000;
        settings.Config.FetchWaitMaxMs ??= fetchWaitMs;
        JoinGroup(settings.Config);
    }

    // With KIP-848 the broker assigns the partitions and holds the session time-out (group.consumer.session.timeout.ms); a member learns of changes with its
    // next heartbeat instead of in rounds of all members: docs/performance.md has the times. A broker before Kafka 4.0 has only the classic protocol.
    private static void JoinGroup(ConsumerConfig config)
    {
        config.GroupProtocol ??= GroupProtocol.Consumer;
        if (config.GroupProtocol != GroupProtocol.Classic) return;
        config.SessionTimeoutMs ??= 15_000; // The partitions of a killed worker move after this; with Kafka's default of 45 s that took 39 s and more.
        config.PartitionAssignmentStrategy ??= PartitionAssignmentStrategy.CooperativeSticky;
    }
}
