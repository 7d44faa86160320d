using Confluent.Kafka;
using Processor.Worker.Kafka;
using Processor.Worker.Workers;

namespace Processor.Worker.Work;

/// <summary>Registers claimed work.</summary>
internal static class WorkFeature
{
    /// <summary>
    /// Work whose rows are announced by the records of a topic: its consumer, what waits between reading and claiming, the claims, and what the heartbeat says
    /// of them. In the order of a record's way; hosted services stop in the reverse order.
    /// </summary>
    /// <param name="builder">The worker.</param>
    /// <param name="topic">The topic; the consumer's group is named after it.</param>
    /// <param name="rules">What the capability brings.</param>
    /// <param name="decoder">Decodes a record. It must not throw.</param>
    /// <param name="fetchWaitMs">How long the broker may hold back an answer without records; null for librdkafka's 500 ms.</param>
    public static void AddClaimedWork<TId, TClaimed>(
        this WebApplicationBuilder builder, string topic, Func<IServiceProvider, WorkRules<TId, TClaimed>> rules,
        IDeserializer<WorkRecord<TId, TClaimed>> decoder, int? fetchWaitMs = null) where TId : notnull
    {
        builder.Services.AddSingleton(rules);
        builder.AddTopicConsumer<WorkRecord<TId, TClaimed>, WorkQueue<TId, TClaimed>>(decoder, groupSuffix: $"-{topic}", fetchWaitMs);
        builder.Services.AddSingleton(services =>
        {
            var queue = services.GetRequiredService<WorkQueue<TId, TClaimed>>();
            return new TopicProgress(queue.Topic, () => queue.Lag, () => queue.Waiting);
        });
        builder.Services.AddHostedService<ClaimWork<TId, TClaimed>>();
    }
}
