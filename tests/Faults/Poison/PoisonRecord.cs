using Confluent.Kafka;

namespace Faults.Poison;

/// <summary>A record in a topic that no worker can process.</summary>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Id">The id that it is about, or pretends to be.</param>
/// <param name="Reason">The reason under which it must be put aside.</param>
/// <param name="Message">What is in the topic.</param>
/// <param name="Origin">Where.</param>
internal sealed record PoisonRecord(string Kind, string Id, string Reason, Message<byte[], byte[]> Message, TopicPartitionOffset Origin)
{
    /// <summary>What must be kept of its body: all, but where a transaction's has nothing wrong with it.</summary>
    public byte[]? KeptBody => Reason == PoisonKind.Unknown ? null : Message.Value;

    /// <summary>The same place as a dead letter has it.</summary>
    public (string Topic, int Partition, long Offset) Place => (Origin.Topic, Origin.Partition.Value, Origin.Offset.Value);

    public override string ToString() => $"{Kind} ({Id}) at {Origin}";
}
