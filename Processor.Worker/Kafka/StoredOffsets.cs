using Confluent.Kafka;

namespace Processor.Worker.Kafka;

/// <summary>Offsets for librdkafka to commit: with the next second's commit, or when it gives their partitions away.</summary>
internal static class StoredOffsets
{
    /// <summary>Stores where each partition's next owner goes on.</summary>
    public static void StoreOffsets<TValue>(this IConsumer<byte[], TValue> consumer, string topic, IReadOnlyList<(int Partition, long Offset)> offsets)
    {
        foreach (var (partition, offset) in offsets)
        {
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(topic, partition, offset));
            }
            catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
            {
                // The partition was revoked a moment ago; its next owner stores its offsets.
            }
        }
    }
}
