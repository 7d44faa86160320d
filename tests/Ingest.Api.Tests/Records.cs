using System.Text;
using Confluent.Kafka;
using Contracts;

namespace Ingest.Api.Tests;

/// <summary>A topic as a worker would read it, from its first record on.</summary>
internal static class Records
{
    /// <summary>The records of one key; returns when there are <paramref name="count"/>.</summary>
    public static Task<IReadOnlyList<Message<string, byte[]>>> ReadAsync(string broker, string key, string topic = Topics.Transactions, int count = 1) =>
        Task.Run<IReadOnlyList<Message<string, byte[]>>>(() => Read(broker, key, topic, count));

    public static string? Header(this Message<string, byte[]> message, string name) =>
        message.Headers.TryGetLastBytes(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    private static List<Message<string, byte[]>> Read(string broker, string key, string topic, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = broker, GroupId = "tests", EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<string, byte[]>(config).Build();
        consumer.Assign(Enumerable.Range(0, Topics.Partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        var found = new List<Message<string, byte[]>>();
        while (found.Count < count)
        {
            var record = consumer.Consume(deadline.Token);
            if (record.Message.Key == key) found.Add(record.Message);
        }

        return found;
    }
}
