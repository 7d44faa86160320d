using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace Processor.Worker.Transactions;

/// <summary>What happens when partitions come and go. librdkafka calls these from within a poll, on the consumer's thread.</summary>
internal sealed partial class Assignment(WaitingTransactions waiting, IOptions<ProcessingOptions> options, ILogger<Assignment> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>How often partitions came or went.</summary>
    public int Changes { get; private set; }

    public void Attach(ConsumerBuilder<byte[], byte[]> builder) => builder
        .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
        .SetPartitionsRevokedHandler(Revoked)
        .SetPartitionsLostHandler((_, partitions) => Lost(partitions));

    private void Assigned(List<TopicPartition> partitions)
    {
        Changes++;
        waiting.Assign(partitions.Select(p => p.Partition.Value));
        PartitionsAssigned(partitions.Count);
    }

    private void Revoked(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        // Blocks, as it must: when this returns the partitions have another owner.
        Changes++;
        var offsets = waiting.RevokeAsync([.. partitions.Select(p => p.Partition.Value)], options.Value.Patience).GetAwaiter().GetResult();
        PartitionsRevoked(partitions.Count);
        if (offsets.Count == 0) return;
        try
        {
            consumer.Commit(offsets.Select(o => new TopicPartitionOffset(Contracts.Topics.Transactions, o.Partition, o.Offset)));
        }
        catch (KafkaException exception)
        {
            CommitFailed(exception);
        }
    }

    private void Lost(List<TopicPartitionOffset> partitions)
    {
        Changes++;
        _ = waiting.RevokeAsync([.. partitions.Select(p => p.Partition.Value)], TimeSpan.Zero);
        PartitionsLost(partitions.Count);
    }

    [LoggerMessage(30, LogLevel.Information, "{Count} partitions came")]
    private partial void PartitionsAssigned(int count);

    [LoggerMessage(31, LogLevel.Information, "{Count} partitions went")]
    private partial void PartitionsRevoked(int count);

    [LoggerMessage(32, LogLevel.Warning, "{Count} partitions were lost: the group went on without this worker")]
    private partial void PartitionsLost(int count);

    [LoggerMessage(33, LogLevel.Warning, "The offsets of revoked partitions could not be committed; their next owner does a little again")]
    private partial void CommitFailed(KafkaException exception);
}
