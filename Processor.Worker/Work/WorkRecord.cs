using Confluent.Kafka;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Work;

/// <summary>The decoded body of a record that asks for a row to be claimed, or why it cannot be decoded.</summary>
/// <typeparam name="TId">The row's id.</typeparam>
/// <typeparam name="TClaimed">The claimed row; here only to give each topic's consumer a type of its own.</typeparam>
/// <param name="Id">The row's id; meaningless with a fault.</param>
/// <param name="Body">Byte for byte, for the dead letter; null when the record has none.</param>
/// <param name="Fault">One sentence; null when the body can be decoded.</param>
internal sealed record WorkRecord<TId, TClaimed>(TId Id, byte[]? Body, string? Fault);

/// <summary>A record as it was read from Kafka: what its dead letter would need.</summary>
/// <param name="Origin">Topic, partition and offset.</param>
/// <param name="TimestampMs">The record's own timestamp, in milliseconds since 1970.</param>
/// <param name="Key">Its key, or null.</param>
/// <param name="Value">Its body, or null.</param>
internal sealed record ReceivedRecord(TopicPartitionOffset Origin, long TimestampMs, byte[]? Key, byte[]? Value)
{
    public static ReceivedRecord Of<TId, TClaimed>(ConsumeResult<byte[], WorkRecord<TId, TClaimed>> record) =>
        new(record.TopicPartitionOffset, record.Message.Timestamp.UnixTimestampMs, record.Message.Key, record.Message.Value.Body);

    public DeadRecord ToDeadLetter(string reason, string detail) => new(Origin, TimestampMs, Key, Value, reason, detail);
}
