using Confluent.Kafka;
using Contracts;
using Faults.Running;

namespace Faults.Poison;

/// <summary>Poison straight into the topic, in a row, on all partitions.</summary>
internal sealed class Flood(RunningSystem system, Random random)
{
    private readonly string _prefix = $"poison_{system.Settings.Seed}";
    private readonly List<PoisonRecord> _produced = [];
    private int _ids;

    /// <summary>
    /// Kafka itself refuses what is an hour and more ahead (message.timestamp.after.max.ms), and the whole batch with it: it cannot be in its topic.
    /// </summary>
    private long LatestForKafka => system.Settings.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>So many of all kinds, mixed, and in their midst one on each partition that is as large as the broker takes.</summary>
    public async Task<IReadOnlyList<PoisonRecord>> ProduceAsync(int count, CancellationToken stop)
    {
        using var producer = Build(lingerMs: 5);
        using var alone = Build(lingerMs: 0); // A batch of two would be larger than the broker takes.
        await ProduceMixedAsync(producer, count / 2, stop);
        for (var partition = 0; partition < Topics.Partitions; partition++) await ProduceAsync(alone, PoisonKind.Oversized, NextId(), partition, stop);
        await ProduceMixedAsync(producer, count - count / 2 - Topics.Partitions, stop);
        return _produced;
    }

    /// <summary>One about a transaction of the caller's.</summary>
    public async Task<PoisonRecord> ProduceAsync(PoisonKind kind, string id, CancellationToken stop)
    {
        using var producer = Build(lingerMs: 0);
        return await ProduceAsync(producer, kind, id, random.Next(Topics.Partitions), stop);
    }

    private async Task ProduceMixedAsync(IProducer<byte[], byte[]> producer, int count, CancellationToken stop) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(i =>
            ProduceAsync(producer, PoisonKind.All[random.Next(PoisonKind.All.Count)], NextId(), i % Topics.Partitions, stop)));

    private async Task<PoisonRecord> ProduceAsync(IProducer<byte[], byte[]> producer, PoisonKind kind, string id, int partition, CancellationToken stop)
    {
        var message = kind.Make(id);
        if (system.Around.IsRealKafka && message.Timestamp.UnixTimestampMs > LatestForKafka) message.Timestamp = Timestamp.Default;
        var delivered = await producer.ProduceAsync(new TopicPartition(Topics.Transactions, partition), message, stop);
        var record = new PoisonRecord(kind.Name, id, kind.Reason, message, delivered.TopicPartitionOffset);
        lock (_produced) _produced.Add(record);
        return record;
    }

    private string NextId() => $"{_prefix}_{_ids++:d6}";

    private IProducer<byte[], byte[]> Build(double lingerMs) => new ProducerBuilder<byte[], byte[]>(
        new ProducerConfig { BootstrapServers = system.BrokerAddress, Acks = Acks.All, LingerMs = lingerMs, MessageMaxBytes = 2_000_000 })
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
}
