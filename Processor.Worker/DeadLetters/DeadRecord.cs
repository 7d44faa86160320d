using Confluent.Kafka;
using Contracts;
using Processor.Worker.Kafka;

namespace Processor.Worker.DeadLetters;

/// <summary>A record that cannot be processed, byte for byte, and why.</summary>
/// <param name="Origin">Topic, partition and offset.</param>
/// <param name="TimestampMs">The record's own timestamp, in milliseconds since 1970.</param>
/// <param name="Key">Its key, or null.</param>
/// <param name="Value">Its body, or null.</param>
/// <param name="Reason">One of <see cref="Data.DeadLetters.DeadLetterReason"/>.</param>
/// <param name="Detail">One sentence for a person; may quote the record.</param>
internal sealed record DeadRecord(TopicPartitionOffset Origin, long TimestampMs, byte[]? Key, byte[]? Value, string Reason, string Detail)
{
    /// <summary>The record's objects without key and body, measured.</summary>
    private const int ObjectBytes = 250;

    /// <summary>9999-12-31.</summary>
    private const long MaxTimestampMs = 253_402_214_400_000;

    /// <summary>About what it holds in memory.</summary>
    public int Bytes => ObjectBytes + (Key?.Length ?? 0) + (Value?.Length ?? 0);

    /// <summary>The record's own timestamp. A producer can write any number there; one that is not a date becomes the nearest date.</summary>
    public DateTime Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(TimestampMs, 0, MaxTimestampMs)).UtcDateTime;

    /// <summary>For a topic that does not take the record whole.</summary>
    public DeadRecord WithoutBody() => this with { Value = null, Detail = $"{Detail} The body is too large for this topic; it is in the table dead_letters." };

    /// <summary>For a database that refuses the row.</summary>
    public DeadRecord WithoutDetail() => this with { Detail = "The database refused this dead letter with its detail." };

    /// <summary>The record for the dead letter topic.</summary>
    public Message<byte[], byte[]> ToMessage() => KafkaMessage.Of(
        Key, Value,
        (MessageHeaders.DeadLetterReason, Reason), (MessageHeaders.DeadLetterDetail, Detail),
        (MessageHeaders.DeadLetterOrigin, $"{Origin.Topic}/{Origin.Partition.Value}/{Origin.Offset.Value}"));
}
