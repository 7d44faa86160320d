using Confluent.Kafka;
using Contracts;
using Faults.Running;

namespace Faults.Poison;

/// <summary>Poison straight into a topic, in a row, on all partitions.</summary>
internal sealed class Flood
{
    private readonly RunningSystem _system;
    private readonly string _topic, _prefix;
    private readonly IReadOnlyList<PoisonKind> _kinds;
    private readonly Random _random;
    private readonly List<PoisonRecord> _produced = [];
    private int _ids;

    private Flood(RunningSystem system, string topic, string prefix, IReadOnlyList<PoisonKind> kinds, Random random) =>
        (_system, _topic, _prefix, _kinds, _random) = (system, topic, prefix, kinds, random);

    /// <summary>
    /// Kafka itself refuses what is an hour and more ahead (message.timestamp.after.max.ms), and the whole batch with it: it cannot be in its topic.
    /// </summary>
    private long LatestForKafka => _system.Settings.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public static Flood OfTransactions(RunningSystem system, Random random) =>
        new(system, Topics.Transactions, $"poison_{system.Settings.Seed}_", PoisonKind.All, random);

    /// <summary>Their ids are numbers, larger than those of any payment.</summary>
    public static Flood OfPayments(RunningSystem system, Random random) => new(system, Topics.Payments, "9000000000", PaymentPoison.All, random);

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
        return await ProduceAsync(producer, kind, id, _random.Next(Topics.Partitions), stop);
    }

    private async Task ProduceMixedAsync(IProducer<byte[], byte[]> producer, int count, CancellationToken stop) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(i => ProduceAsync(producer, _kinds[_random.Next(_kinds.Count)], NextId(), i % Topics.Partitions, stop)));

    private async Task<PoisonRecord> ProduceAsync(IProducer<byte[], byte[]> producer, PoisonKind kind, string id, int partition, CancellationToken stop)
    {
        var message = kind.Make(id);
        if (_system.Around.IsRealKafka && message.Timestamp.UnixTimestampMs > LatestForKafka) message.Timestamp = Timestamp.Default;
        var delivered = await producer.ProduceAsync(new TopicPartition(_topic, partition), message, stop);
        var record = new PoisonRecord(kind.Name, id, kind.Reason, message, delivered.TopicPartitionOffset);
        lock (_produced) _produced.Add(record);
        return record;
    }

    private string NextId() => $"{_prefix}{_ids++:d6}";

    private IProducer<byte[], byte[]> Build(double lingerMs) => new ProducerBuilder<byte[], byte[]>(
        new ProducerConfig { BootstrapServers = _system.BrokerAddress, Acks = Acks.All, LingerMs = lingerMs, MessageMaxBytes = 2_000_000 })
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
}
