using Confluent.Kafka;
using Contracts;
using Microsoft.Extensions.Options;
using Processor.Worker.Kafka;

namespace Processor.Worker.Transactions;

/// <summary>
/// Reads the topic transactions ahead into <see cref="WaitingTransactions"/>. A partition pauses while it holds more than its share of what may wait; all
/// pause while the database is away or too many dead letters wait to be written.
/// </summary>
internal sealed partial class ReadTransactions(
    WaitingTransactions waiting, PutAsideTransactions dead, DatabaseState database, IOptions<ProcessingOptions> options, ILogger<ReadTransactions> logger)
    : ITopicReader<byte[]>
{
    private readonly ILogger _logger = logger;
    private long _lag;

    public string Topic => Topics.Transactions;

    public string? Off => null;

    /// <summary>Records behind the committable offsets of this worker's partitions.</summary>
    public long Lag => Volatile.Read(ref _lag);

    public void Take(ConsumeResult<byte[], byte[]> record)
    {
        var fault = TransactionRecord.Read(record.Message, out var transaction);
        if (fault is null)
        {
            var sendSpan = TransactionRecord.SendSpan(record.Message.Headers);
            var origin = new RecordOrigin(record.Offset, record.Message.Timestamp.UnixTimestampMs);
            waiting.Add(record.Partition, origin, transaction!.CreatedAt, transaction.TransactionId, sendSpan);
            return;
        }

        Undecodable(record.TopicPartitionOffset, fault);
        if (waiting.AddDeadLetter(record.Partition, record.Offset) is { } place) dead.Add(place.Queue, place.Ticket, record, fault);
    }

    public IReadOnlySet<int> Full(IReadOnlySet<int> assigned, IReadOnlySet<int> paused) => database.IsAway || dead.IsFull ? assigned : waiting.Overfull(paused);

    public IReadOnlyList<(int Partition, long Offset)> Committable() => waiting.Committable();

    public void LagIs(long records) => Volatile.Write(ref _lag, records);

    public void Assigned(IReadOnlyCollection<int> partitions) => waiting.Assign(partitions);

    public IReadOnlyList<(int Partition, long Offset)> Revoked(IReadOnlyCollection<int> partitions) =>
        waiting.RevokeAsync(partitions, options.Value.Patience).GetAwaiter().GetResult();

    public void Lost(IReadOnlyCollection<int> partitions) => _ = waiting.RevokeAsync(partitions, TimeSpan.Zero);

    [LoggerMessage(21, LogLevel.Warning, "The record at {Origin} becomes a dead letter: {Fault}")]
    private partial void Undecodable(TopicPartitionOffset origin, string fault);
}
