using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Contracts;
using Faults.Running;
using Npgsql;
using NpgsqlTypes;
using Support;

namespace Faults.Invariants;

/// <summary>
/// Reads the topic along with the worker, outside its group, and so knows which transactions lie before the offsets that the group has
/// committed: each of them must have its outcome in its row, a retry's date included.
/// </summary>
internal sealed class OffsetWatch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TopicPartition[] Partitions =
        [.. Enumerable.Range(0, Topics.Partitions).Select(partition => new TopicPartition(Topics.Transactions, partition))];

    private readonly RunningSystem _system;
    private readonly IConsumer<byte[], byte[]> _reader, _group;
    private readonly ConcurrentQueue<(int Partition, long Offset, string Id)> _read = new();
    private readonly long[] _readUpTo = new long[Topics.Partitions];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    public OffsetWatch(RunningSystem system)
    {
        _system = system;
        _reader = Build(system.BrokerAddress, "faults");
        _group = Build(system.BrokerAddress, "processor-worker");
        _reader.Assign(Partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Transactions before the committed offsets that have no outcome; null when the broker cannot be asked.</summary>
    public async Task<IReadOnlyList<string>?> AheadAsync(CancellationToken stop)
    {
        try
        {
            // First the offsets, then the rows: what gets its outcome in between does no harm to the judgement.
            var committed = await Task.Run(() => _group.Committed(Partitions, Patience), stop);
            await Eventually.TrueAsync(_ => Task.FromResult(committed.All(c => Volatile.Read(ref _readUpTo[c.Partition.Value]) >= c.Offset.Value)), stop, Patience);
            var upTo = committed.ToDictionary(c => c.Partition.Value, c => c.Offset.Value);
            return await WithoutOutcomeAsync([.. _read.Where(r => r.Offset < upTo[r.Partition]).Select(r => r.Id).Distinct()], stop);
        }
        catch (Exception exception) when (exception is KafkaException or TimeoutException or NpgsqlException)
        {
            return null;
        }
    }

    /// <summary>Whether everything in the topic is committed.</summary>
    public bool IsAllCommitted() => _group.Committed(Partitions, Patience).All(committed =>
    {
        var end = _group.QueryWatermarkOffsets(committed.TopicPartition, Patience).High.Value;
        return end == 0 || committed.Offset.Value == end;
    });

    public void Dispose()
    {
        _stop.Cancel();
        _reading.Wait(Patience);
        _reader.Dispose();
        _group.Dispose();
        _stop.Dispose();
    }

    private static IConsumer<byte[], byte[]> Build(string broker, string group) => new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { BootstrapServers = broker, GroupId = group, EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest })
        .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    private void Read()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_reader.Consume(TimeSpan.FromMilliseconds(100)) is not { Message.Key: { } key } record) continue;
                _read.Enqueue((record.Partition, record.Offset, Encoding.ASCII.GetString(key)));
                Volatile.Write(ref _readUpTo[record.Partition.Value], record.Offset.Value + 1);
            }
            catch (KafkaException)
            {
                // The broker is away: that is what this is about.
            }
        }
    }

    private async Task<IReadOnlyList<string>> WithoutOutcomeAsync(string[] ids, CancellationToken stop)
    {
        await using var command = _system.Database.CreateCommand(
            "SELECT transaction_id FROM transactions WHERE transaction_id = ANY ($1) AND status = 'PROCESSING' AND attempts = 0");
        command.Parameters.Add(new NpgsqlParameter { Value = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var found = new List<string>();
        while (await reader.ReadAsync(stop)) found.Add(reader.GetString(0));
        return found;
    }
}
