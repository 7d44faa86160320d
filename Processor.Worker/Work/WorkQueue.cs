using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Confluent.Kafka;
using Processor.Worker.Kafka;
using Processor.Worker.Transactions;

namespace Processor.Worker.Work;

/// <summary>
/// Records that were read and not claimed, between the consumer's thread (<see cref="ConsumeTopic{TValue}"/>) and <see cref="ClaimWork{TId, TClaimed}"/>, and
/// the offsets that may be committed. Claiming goes in the order of reading, so a partition's offset is the one after its last passed record.
/// </summary>
internal sealed class WorkQueue<TId, TClaimed> : ITopicReader<WorkRecord<TId, TClaimed>>
{
    /// <summary>Records that wait; each is small, and more would only make the repetition after a rebalance longer.</summary>
    public const int MaxWaiting = 1_000;

    // Not for a single reader: that one cannot count.
    private readonly Channel<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>> _records =
        Channel.CreateUnbounded<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>>();
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _passed = [];
    private readonly WorkRules<TId, TClaimed> _rules;
    private long _lag;

    public WorkQueue(WorkRules<TId, TClaimed> rules, IMeterFactory meters)
    {
        _rules = rules;
        var (meter, topic) = (meters.Create(ProcessingMetrics.Name), new KeyValuePair<string, object?>("messaging.destination.name", rules.Topic));
        meter.CreateObservableGauge(
            "aspirewebhooks.work.waiting", () => new Measurement<int>(Waiting, topic), "{record}", "Read and not claimed");
        meter.CreateObservableGauge(
            "aspirewebhooks.work.lag", () => new Measurement<long>(Lag, topic), "{record}",
            "Behind the offsets of this worker's partitions");
    }

    public string Topic => _rules.Topic;

    public string? Off => _rules.Off;

    /// <summary>Records behind the committable offsets of this worker's partitions.</summary>
    public long Lag => Volatile.Read(ref _lag);

    /// <summary>Records that were read and not claimed.</summary>
    public int Waiting => _records.Reader.Count;

    /// <summary>In the order of each partition.</summary>
    public ChannelReader<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>> Records => _records.Reader;

    public void Take(ConsumeResult<byte[], WorkRecord<TId, TClaimed>> record) => _records.Writer.TryWrite(record);

    /// <summary>All or none: once too many wait, none is read until all are claimed. Each pause throws away what was fetched ahead.</summary>
    public IReadOnlySet<int> Full(IReadOnlySet<int> assigned, IReadOnlySet<int> paused) =>
        _records.Reader.Count > (paused.Count > 0 ? 0 : MaxWaiting) ? assigned : new HashSet<int>();

    /// <summary>The records up to these are claimed, or put aside: their offsets may be committed.</summary>
    public void Pass(IEnumerable<ConsumeResult<byte[], WorkRecord<TId, TClaimed>>> records)
    {
        lock (_lock)
        {
            foreach (var record in records) _passed[record.Partition.Value] = record.Offset.Value + 1;
        }
    }

    public IReadOnlyList<(int Partition, long Offset)> Committable()
    {
        lock (_lock) return [.. _passed.Select(passed => (passed.Key, passed.Value))];
    }

    public void LagIs(long records) => Volatile.Write(ref _lag, records);

    public void Assigned(IReadOnlyCollection<int> partitions) => Lost(partitions);

    public IReadOnlyList<(int Partition, long Offset)> Revoked(IReadOnlyCollection<int> partitions)
    {
        var committable = Committable().Where(passed => partitions.Contains(passed.Partition)).ToArray();
        Lost(partitions);
        return committable;
    }

    public void Lost(IReadOnlyCollection<int> partitions)
    {
        lock (_lock)
        {
            foreach (var partition in partitions) _passed.Remove(partition);
        }
    }
}
