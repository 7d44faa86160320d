using System.Text;
using Confluent.Kafka;
using Contracts;

namespace Processor.Worker.DeadLetters;

/// <summary>A record that cannot be processed, byte for byte, and why.</summary>
internal sealed record DeadRecord(TopicPartitionOffset Origin, long TimestampMs, byte[]? Key, byte[]? Value, string Reason, string Detail)
{
    /// <summary>What it holds in memory, nearly.</summary>
    public int Bytes => ItsObjects + (Key?.Length ?? 0) + (Value?.Length ?? 0);

    private const int ItsObjects = 250;

    /// <summary>The record's own timestamp. A producer can write any number there; one that is no date becomes the nearest that is.</summary>
    public DateTime Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(TimestampMs, 0, MaxTimestampMs)).UtcDateTime;

    /// <summary>9999-12-31.</summary>
    private const long MaxTimestampMs = 253_402_214_400_000;

    /// <summary>For a topic that does not take it whole.</summary>
    public DeadRecord WithoutBody() => this with { Value = null, Detail = $"{Detail} The body is too large for this topic; it is in the table dead_letters." };

    /// <summary>As it stands in the dead letter topic.</summary>
    public Message<byte[], byte[]> ToMessage() => new()
    {
        Key = Key!,
        Value = Value!,
        Headers = new Headers
        {
            { MessageHeaders.DeadLetterReason, Encoding.UTF8.GetBytes(Reason) },
            { MessageHeaders.DeadLetterDetail, Encoding.UTF8.GetBytes(Detail) },
            { MessageHeaders.DeadLetterOrigin, Encoding.UTF8.GetBytes($"{Origin.Topic}/{Origin.Partition.Value}/{Origin.Offset.Value}") },
        },
    };
}
