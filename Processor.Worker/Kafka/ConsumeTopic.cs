using Confluent.Kafka;

namespace Processor.Worker.Kafka;

/// <summary>What a capability does with the records of its topic. All members are called on the consumer's thread.</summary>
/// <typeparam name="TValue">The body as the consumer's deserializer gives it. A deserializer must not throw: the consumer would stay
/// at that record.</typeparam>
internal interface ITopicReader<TValue>
{
    string Topic { get; }

    /// <summary>Why the topic is not read at all; null when it is.</summary>
    string? Off { get; }

    /// <summary>A record was read. Must not block.</summary>
    void Take(ConsumeResult<byte[], TValue> record);

    /// <summary>Which of the assigned partitions must not be read now. Called every 100 ms.</summary>
    IReadOnlySet<int> Full(IReadOnlySet<int> assigned, IReadOnlySet<int> paused);

    /// <summary>Where each partition's consumer must go on after a crash: the offsets to commit.</summary>
    IReadOnlyList<(int Partition, long Offset)> Committable();

    /// <summary>How many records are behind those offsets, by the consumer's last fetch. Called every 100 ms.</summary>
    void LagIs(long records);

    /// <summary>Partitions were assigned.</summary>
    void Assigned(IReadOnlyCollection<int> partitions);

    /// <summary>
    /// Partitions are revoked: waits for what is in progress in them, drops the rest, and returns the offsets to commit. Afterwards another worker owns them.
    /// </summary>
    IReadOnlyList<(int Partition, long Offset)> Revoked(IReadOnlyCollection<int> partitions);

    /// <summary>Partitions were lost: another worker owns them already.</summary>
    void Lost(IReadOnlyCollection<int> partitions);
}

/// <summary>
/// Reads a topic on a thread of its own, since librdkafka blocks. It never processes and never waits for anything else, so it polls as often as the group
/// demands and stays in the group whatever the database does.
/// Guarantee: an offset is committed when the reader says that every record up to it is done with. It is stored, and librdkafka commits what is stored: each
/// second, and before it gives a partition away, which is when that is revoked (<see cref="PartitionAssignment{TValue}"/>) or this class stops.
/// <list type="bullet">
/// <item>Dies: its partitions go to another worker after the session time-out, which goes on at the last commit.</item>
/// <item>Kafka is away: librdkafka reconnects by itself; what was read is processed.</item>
/// <item>The reader is full: its partitions are paused and polled all the same, the ones that are assigned meanwhile too.</item>
/// </list>
/// </summary>
internal sealed partial class ConsumeTopic<TValue>(
    IConsumer<byte[], TValue> consumer, ITopicReader<TValue> reader, PartitionAssignment<TValue> assignment, TimeProvider clock,
    ILogger<ConsumeTopic<TValue>> logger) : BackgroundService
{
    /// <summary>How long a poll waits for a record; also how late a stored offset, a pause or a stop is noticed.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private readonly HashSet<int> _paused = [];
    private int _seenChanges;
    private long _lastUpkeep;

    /// <summary>
    /// Waits for the thread even after the host's shutdown time-out: the consumer is disposed of next, and a call of librdkafka after that hangs
    /// or ends the process.
    /// </summary>
    public override void Dispose()
    {
        base.Dispose(); // Signals the thread to stop.
        if (ExecuteTask is { } reading) Task.WaitAny(reading);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (reader.Off is null)
            return Task.Factory.StartNew(() => Consume(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        NotRead(reader.Topic, reader.Off);
        return Task.CompletedTask;
    }

    private void Consume(CancellationToken stoppingToken)
    {
        consumer.Subscribe(reader.Topic);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(Poll) is { Message: not null } record) reader.Take(record);
                if (clock.GetElapsedTime(_lastUpkeep) < Poll) continue;
                _lastUpkeep = clock.GetTimestamp();
                consumer.StoreOffsets(reader.Topic, reader.Committable());
                PauseOrResume();
                reader.LagIs(Lag());
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal)
            {
                Interrupted(exception, reader.Topic);
                stoppingToken.WaitHandle.WaitOne(AfterError);
            }
        }

        // What the reader feeds is stopped before this. Closing gives the partitions to the others at once.
        try
        {
            consumer.StoreOffsets(reader.Topic, reader.Committable());
            consumer.Close();
        }
        catch (KafkaException exception)
        {
            NotClosed(exception, reader.Topic);
        }
    }

    private long Lag()
    {
        var records = 0L;
        foreach (var (partition, offset) in reader.Committable())
        {
            // librdkafka remembers it from its last fetch; a partition that was not fetched yet says Unset.
            var end = consumer.GetWatermarkOffsets(new TopicPartition(reader.Topic, partition)).High;
            if (!end.IsSpecial) records += Math.Max(0, end.Value - offset);
        }

        return records;
    }

    private void PauseOrResume()
    {
        // librdkafka may resume a partition that was revoked and assigned again, so after any change all are paused or resumed anew.
        var isChanged = _seenChanges != assignment.Changes;
        _seenChanges = assignment.Changes;
        var assigned = consumer.Assignment;
        var full = reader.Full(assigned.Select(partition => partition.Partition.Value).ToHashSet(), _paused);
        var pause = assigned.Where(a => full.Contains(a.Partition) && (isChanged || !_paused.Contains(a.Partition))).ToList();
        var resume = assigned.Where(a => !full.Contains(a.Partition) && (isChanged || _paused.Contains(a.Partition))).ToList();
        if (pause.Count > 0) consumer.Pause(pause);
        if (resume.Count > 0) consumer.Resume(resume);
        _paused.Clear();
        _paused.UnionWith(full);
    }

    [LoggerMessage(20, LogLevel.Warning, "Kafka reported an error for {Topic}; reading goes on in a second")]
    private partial void Interrupted(KafkaException exception, string topic);

    [LoggerMessage(22, LogLevel.Warning, "The consumer of {Topic} could not leave its group; its partitions go to another worker after the session time-out")]
    private partial void NotClosed(KafkaException exception, string topic);

    [LoggerMessage(100, LogLevel.Information, "{Topic} are not read: {Reason}")]
    private partial void NotRead(string topic, string reason);
}
