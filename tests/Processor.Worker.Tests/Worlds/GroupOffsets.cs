using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;
using Support;

namespace Processor.Worker.Tests.Worlds;

/// <summary>A consumer group's committed offsets, seen from outside the group.</summary>
public sealed class GroupOffsets : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TopicPartition[] Partitions =
        [.. Enumerable.Range(0, Topics.Partitions).Select(partition => new TopicPartition(Topics.Transactions, partition))];

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly string _broker;
    private readonly Dictionary<int, long> _deadLettersFrom = [];

    public GroupOffsets(string broker, string group)
    {
        Group = group;
        _broker = broker;
        _consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = broker, GroupId = group, EnableAutoCommit = false }).Build();
    }

    public string Group { get; }

    /// <summary>So that what other tests have left in the topics is none of this group's business.</summary>
    public Task BeginAtEndAsync() => Eventually.TrueAsync(
        _ => Task.Run(() =>
        {
            BeginAtEnd();
            return true;
        }), TestContext.Current.CancellationToken); // A Kafka that has just started loads its groups at the first question, and refuses it.

    /// <summary>Waits until the group has committed everything there is.</summary>
    public Task UntilAtEndAsync() => Eventually.GetAsync(
        _ => Task.Run(() => (Committed: Text(Committed()), Ends: Text(Ends(Topics.Transactions)))),
        offsets => offsets.Committed == offsets.Ends, TestContext.Current.CancellationToken);

    public IReadOnlyList<TopicPartitionOffset> Committed() => _consumer.Committed(Partitions, Timeout);

    /// <summary>The committed offsets on one line, to be compared.</summary>
    public string CommittedText() => Text(Committed());

    /// <summary>How many records have ever come to the topic.</summary>
    public long EndsSum() => Ends(Topics.Transactions).Sum(end => end.Offset.Value);

    /// <summary>How many are in the group at this moment.</summary>
    public async Task<int> MembersAsync()
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        var groups = await admin.DescribeConsumerGroupsAsync([Group], new DescribeConsumerGroupsOptions { RequestTimeout = Timeout });
        return Assert.Single(groups.ConsumerGroupDescriptions).Members.Count;
    }

    /// <summary>The first <paramref name="count"/> records that came to the dead letter topic since the start of this world.</summary>
    public IReadOnlyList<Message<byte[], byte[]>> DeadLetters(int count)
    {
        using var reader = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = _broker, GroupId = "reads-dead-letters" }).Build();
        reader.Assign(_deadLettersFrom.Select(from => new TopicPartitionOffset(Topics.TransactionsDeadLetters, from.Key, from.Value)));
        var records = new List<Message<byte[], byte[]>>();
        while (records.Count < count)
        {
            var record = reader.Consume(TestContext.Current.CancellationToken);
            if (record.Message is not null) records.Add(record.Message);
        }

        return records;
    }

    public void Dispose() => _consumer.Dispose();

    private void BeginAtEnd()
    {
        _consumer.Commit(Ends(Topics.Transactions));
        foreach (var topic in (string[])[Topics.Payments, Topics.Charges, Topics.Deliveries])
        {
            var config = new ConsumerConfig { BootstrapServers = _broker, GroupId = $"{Group}-{topic}", EnableAutoCommit = false };
            using var ofTopic = new ConsumerBuilder<byte[], byte[]>(config).Build();
            ofTopic.Commit(Ends(topic));
        }

        foreach (var end in Ends(Topics.TransactionsDeadLetters)) _deadLettersFrom[end.Partition] = end.Offset;
    }

    private static string Text(IEnumerable<TopicPartitionOffset> offsets) =>
        string.Join(' ', offsets.OrderBy(o => o.Partition.Value).Select(o => $"{o.Partition.Value}:{o.Offset.Value}"));

    private TopicPartitionOffset[] Ends(string topic) =>
    [
        .. Enumerable.Range(0, Topics.Partitions).Select(partition =>
            new TopicPartitionOffset(topic, partition, _consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), Timeout).High)),
    ];
}
