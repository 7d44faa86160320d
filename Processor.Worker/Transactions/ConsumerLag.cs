using Confluent.Kafka;
using Contracts;

namespace Processor.Worker.Transactions;

/// <summary>How many records lie behind the offsets of the assigned partitions, as the consumer's last fetch saw it.</summary>
internal sealed class ConsumerLag
{
    private long _records;

    public long Records => Volatile.Read(ref _records);

    public void Measure(IConsumer<byte[], byte[]> consumer, IReadOnlyList<(int Partition, long Offset)> committable)
    {
        var records = 0L;
        foreach (var (partition, offset) in committable)
        {
            // Cached by librdkafka from its last fetch; a partition not fetched yet says Unset.
            var end = consumer.GetWatermarkOffsets(new TopicPartition(Topics.Transactions, partition)).High;
            if (!end.IsSpecial) records += Math.Max(0, end.Value - offset);
        }

        Volatile.Write(ref _records, records);
    }
}
