using Confluent.Kafka;

namespace Processor.Worker.Kafka;

/// <summary>Tells a topic's reader of partitions that are assigned and revoked. librdkafka calls it from within a poll, on the consumer's thread.</summary>
internal sealed partial class PartitionAssignment<TValue>(ITopicReader<TValue> reader, ILogger<PartitionAssignment<TValue>> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>How often partitions were assigned, revoked or lost.</summary>
    public int Changes { get; private set; }

    public void Attach(ConsumerBuilder<byte[], TValue> builder) => builder
        .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
        .SetPartitionsRevokedHandler(Revoked)
        .SetPartitionsLostHandler((_, partitions) => Lost(partitions));

    internal void Assigned(List<TopicPartition> partitions)
    {
        Changes++;
        reader.Assigned([.. partitions.Select(partition => partition.Partition.Value)]);
        PartitionsAssigned(partitions.Count, reader.Topic);
    }

    internal void Revoked(IConsumer<byte[], TValue> consumer, List<TopicPartitionOffset> partitions)
    {
        // Blocks until what is in progress is done. After this librdkafka commits what is stored and then gives the partitions away. It is not told to commit
        // here: a commit from within this call was once never answered, and a worker that was to stop stood still.
        Changes++;
        var offsets = reader.Revoked([.. partitions.Select(partition => partition.Partition.Value)]);
        consumer.StoreOffsets(reader.Topic, offsets);
        PartitionsRevoked(partitions.Count, reader.Topic);
    }

    private void Lost(List<TopicPartitionOffset> partitions)
    {
        Changes++;
        reader.Lost([.. partitions.Select(partition => partition.Partition.Value)]);
        PartitionsLost(partitions.Count, reader.Topic);
    }

    [LoggerMessage(30, LogLevel.Information, "{Count} partitions of {Topic} were assigned")]
    private partial void PartitionsAssigned(int count, string topic);

    [LoggerMessage(31, LogLevel.Information, "{Count} partitions of {Topic} were revoked")]
    private partial void PartitionsRevoked(int count, string topic);

    [LoggerMessage(32, LogLevel.Warning, "{Count} partitions of {Topic} were lost: the group removed this worker, which had not answered in time")]
    private partial void PartitionsLost(int count, string topic);
}
