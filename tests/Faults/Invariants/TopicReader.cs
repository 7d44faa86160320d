using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;

namespace Faults.Invariants;

/// <summary>Reads a topic from its beginning, in no group, and remembers which transaction stands where.</summary>
internal sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly ConcurrentQueue<(int Partition, long Offset, string Id)> _read = new();
    private readonly long[] _readUpTo;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    public TopicReader(string broker, TopicPartition[] partitions)
    {
        _readUpTo = new long[partitions.Length];
        _consumer = Build(broker, "faults");
        _consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static IConsumer<byte[], byte[]> Build(string broker, string group) => new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { BootstrapServers = broker, GroupId = group, EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest })
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    /// <summary>Whether nothing before it is missing here.</summary>
    public bool HasReadUpTo(TopicPartitionOffset committed) => Volatile.Read(ref _readUpTo[committed.Partition.Value]) >= committed.Offset.Value;

    /// <summary>The transactions before these offsets.</summary>
    public string[] Before(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        var upTo = offsets.ToDictionary(offset => offset.Partition.Value, offset => offset.Offset.Value);
        return [.. _read.Where(read => read.Offset < upTo[read.Partition]).Select(read => read.Id).Distinct()];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _reading.Wait(Patience);
        _consumer.Dispose();
        _stop.Dispose();
    }

    private void Read()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { Message.Key: { } key } record) continue;
                _read.Enqueue((record.Partition, record.Offset, Encoding.ASCII.GetString(key)));
                Volatile.Write(ref _readUpTo[record.Partition.Value], record.Offset.Value + 1);
            }
            catch (KafkaException)
            {
                // The broker is away: that is what this is about.
            }
        }
    }
}
