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
    private readonly long[] _readUpTo, _former;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    /// <param name="broker">Where it is.</param>
    /// <param name="partitions">All of its partitions.</param>
    /// <param name="former">
    /// Where each partition ended before the broker lost everything. A worker commits to the new one what it had stored before: an offset up to here may be of
    /// the former log, and says nothing about this one.
    /// </param>
    public TopicReader(string broker, TopicPartition[] partitions, long[]? former = null)
    {
        _readUpTo = new long[partitions.Length];
        _former = former ?? new long[partitions.Length];
        _consumer = Build(broker, "faults");
        _consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static IConsumer<byte[], byte[]> Build(string broker, string group) => new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { BootstrapServers = broker, GroupId = group, EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest })
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    /// <summary>Where each partition ended, as far as it was read, in this life of the broker or a former one.</summary>
    public long[] End => [.. _readUpTo.Zip(_former, Math.Max)];

    /// <summary>Whether nothing before it is missing here.</summary>
    public bool HasReadUpTo(TopicPartitionOffset committed) =>
        IsOfFormer(committed) || Volatile.Read(ref _readUpTo[committed.Partition.Value]) >= committed.Offset.Value;

    /// <summary>The transactions before these offsets.</summary>
    public string[] Before(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        var upTo = offsets.ToDictionary(offset => offset.Partition.Value, offset => IsOfFormer(offset) ? 0 : offset.Offset.Value);
        return [.. _read.Where(read => read.Offset < upTo[read.Partition]).Select(read => read.Id).Distinct()];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _reading.Wait(Patience);
        _consumer.Dispose();
        _stop.Dispose();
    }

    private bool IsOfFormer(TopicPartitionOffset committed) => committed.Offset.Value <= _former[committed.Partition.Value];

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
