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
    private readonly IConsumer<byte[], byte[]> _group;
    private TopicReader _reader;
    private int _broker;

    public OffsetWatch(RunningSystem system)
    {
        _system = system;
        _group = TopicReader.Build(system.BrokerAddress, "processor-worker");
        (_broker, _reader) = (BrokerNow(), new TopicReader(system.BrokerAddress, Partitions));
    }

    /// <summary>Transactions before the committed offsets that have no outcome; null when the broker cannot be asked.</summary>
    public async Task<IReadOnlyList<string>?> AheadAsync(CancellationToken stop)
    {
        try
        {
            if (BrokerNow() is var now && now != _broker)
            {
                _reader.Dispose();
                (_broker, _reader) = (now, new TopicReader(_system.BrokerAddress, Partitions, _reader.End));
            }

            // First the offsets, then the rows: what gets its outcome in between does no harm to the judgement.
            var committed = await Task.Run(() => _group.Committed(Partitions, Patience), stop);
            await Eventually.TrueAsync(_ => Task.FromResult(committed.All(c => _reader.HasReadUpTo(c))), stop, Patience);
            return await WithoutOutcomeAsync(_reader.Before(committed), stop);
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
        _reader.Dispose();
        _group.Dispose();
    }

    // The embedded broker begins anew when it is started again: what was read before says nothing about its offsets.
    private int BrokerNow() => _system.Around.IsRealKafka ? 0 : _system.Processes.Pids(RunningSystem.Broker) is [var pid, ..] ? pid : 0;

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
