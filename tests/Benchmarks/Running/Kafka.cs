using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;

namespace Benchmarks.Running;

/// <summary>The topic and its group, as a benchmark needs them: a backlog, and how far the workers are.</summary>
internal static class Kafka
{
    private const string Group = "processor-worker";

    /// <summary>Produces transactions that were accepted at <paramref name="createdAt"/>, and waits for the acknowledgements.</summary>
    public static void Produce(this RunningSystem system, int from, int to, DateTimeOffset createdAt)
    {
        var config = new ProducerConfig { BootstrapServers = system.Broker, LingerMs = 20, EnableIdempotence = true };
        using var producer = new ProducerBuilder<string, byte[]>(config).Build();
        for (var n = from; n <= to; n++) Produce(producer, Message(n, createdAt));
        producer.Flush(TimeSpan.FromMinutes(1));
    }

    /// <summary>Transaction number <paramref name="n"/> of a backlog.</summary>
    public static string BacklogId(int n) => $"txn_backlog_{n:d8}";

    /// <summary>How many records lie behind what the group has committed.</summary>
    public static long Uncommitted(this RunningSystem system)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = system.Broker, GroupId = Group }).Build();
        var partitions = Enumerable.Range(0, Topics.Partitions).Select(partition => new TopicPartition(Topics.Transactions, partition));
        return consumer.Committed(partitions, TimeSpan.FromSeconds(10)).Sum(committed =>
        {
            var watermarks = consumer.QueryWatermarkOffsets(committed.TopicPartition, TimeSpan.FromSeconds(10));
            return watermarks.High.Value - Math.Max(committed.Offset.Value, watermarks.Low.Value);
        });
    }

    private static Message<string, byte[]> Message(int n, DateTimeOffset createdAt) => new()
    {
        Key = BacklogId(n),
        Value = JsonSerializer.SerializeToUtf8Bytes(
            new TransactionMessage(BacklogId(n), "acc_user_789", "acc_merchant_456", 150.50m, "USD", createdAt), MessageJson.Default.TransactionMessage),
        Headers = new Headers { { MessageHeaders.EventType, Encoding.UTF8.GetBytes(EventTypes.TransactionAccepted) } },
    };

    private static void Produce(IProducer<string, byte[]> producer, Message<string, byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(Topics.Transactions, message);
                return;
            }
            catch (ProduceException<string, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
