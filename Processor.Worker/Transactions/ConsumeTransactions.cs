using Confluent.Kafka;
using Contracts;
using Processor.Worker.DeadLetters;

namespace Processor.Worker.Transactions;

/// <summary>
/// Reads the topic transactions ahead, on a thread of its own, into <see cref="WaitingTransactions"/>. It never processes and never waits
/// for anything else, so it polls as often as the group wants, and stays in it whatever the database does.
/// Guarantee: an offset is stored for commit when every record up to it has its outcome in its row or its dead letter; librdkafka commits
/// stored offsets each second, and this class when a partition is revoked and when it stops.
/// <list type="bullet">
/// <item>Dies: the partitions go to another worker after the session time-out, from the last commit on.</item>
/// <item>A partition is revoked: its batch ends, its offset is committed, its queue is dropped.</item>
/// <item>A partition is lost (the group went on without us): its queue is dropped; its next owner has it already.</item>
/// <item>Kafka goes: librdkafka reconnects by itself; what has been read goes on to its outcome.</item>
/// <item>Too much waits, or the database is away: the partitions are paused, and polled all the same.</item>
/// </list>
/// </summary>
internal sealed partial class ConsumeTransactions(
    IConsumer<byte[], byte[]> consumer, WaitingTransactions waiting, Assignment assignment, DeadLetterWriter deadLetters, DatabaseState database,
    ConsumerLag lag, TimeProvider clock, ILogger<ConsumeTransactions> logger) : BackgroundService
{
    /// <summary>How long a poll waits for a record; also how late a stored offset, a pause or a stop may be noticed.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;
    private readonly HashSet<int> _paused = [];
    private int _pausedAt;
    private long _lastUpkeep;

    /// <summary>
    /// Waits for the thread even when the host's patience is at its end: the consumer is disposed of next, and librdkafka called after that hangs, or ends the process.
    /// </summary>
    public override void Dispose()
    {
        base.Dispose(); // Tells it to stop.
        if (ExecuteTask is { } reading) Task.WaitAny(reading);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Consume(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Consume(CancellationToken stoppingToken)
    {
        consumer.Subscribe(Topics.Transactions);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(Poll) is { Message: not null } record) Take(record);
                if (clock.GetElapsedTime(_lastUpkeep) < Poll) continue;
                _lastUpkeep = clock.GetTimestamp();
                StoreOffsets();
                PauseOrResume();
                lag.Measure(consumer, waiting.Committable());
            }
            catch (KafkaException exception) when (!exception.Error.IsFatal)
            {
                Trouble(exception);
                stoppingToken.WaitHandle.WaitOne(AfterError);
            }
        }

        // The batches in hand have ended: ProcessTransactions is stopped before this. Closing gives the partitions back at once.
        try
        {
            StoreOffsets();
            consumer.Close();
        }
        catch (KafkaException exception)
        {
            NotClosed(exception);
        }
    }

    private void Take(ConsumeResult<byte[], byte[]> record)
    {
        var fault = TransactionRecord.Read(record.Message, out var transaction);
        if (fault is null)
        {
            var sendSpan = TransactionRecord.SendSpan(record.Message.Headers);
            var origin = new RecordOrigin(record.Offset, record.Message.Timestamp.UnixTimestampMs);
            waiting.Add(record.Partition, origin, transaction!.CreatedAt, transaction.TransactionId, sendSpan);
            return;
        }

        Undecodable(record.TopicPartitionOffset, fault);
        if (waiting.AddDeadLetter(record.Partition, record.Offset) is { } place) deadLetters.Add(place.Queue, place.Ticket, record, fault);
    }

    private void StoreOffsets()
    {
        foreach (var (partition, offset) in waiting.Committable()) Store(partition, offset);
    }

    private void Store(int partition, long offset)
    {
        try
        {
            consumer.StoreOffset(new TopicPartitionOffset(Topics.Transactions, partition, offset));
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
        {
            // The partition was taken away a moment ago: its next owner stores its offsets.
        }
    }

    private void PauseOrResume()
    {
        // Whether a partition that went and came again is still paused is librdkafka's business: after any change all are told anew.
        var isNew = _pausedAt != assignment.Changes;
        _pausedAt = assignment.Changes;
        var assigned = consumer.Assignment;
        var isAllPaused = database.IsAway || deadLetters.IsOverfull;
        var full = isAllPaused ? assigned.Select(a => a.Partition.Value).ToHashSet() : waiting.Overfull(_paused);
        var pause = assigned.Where(a => full.Contains(a.Partition) && (isNew || !_paused.Contains(a.Partition))).ToList();
        var resume = assigned.Where(a => !full.Contains(a.Partition) && (isNew || _paused.Contains(a.Partition))).ToList();
        if (pause.Count > 0) consumer.Pause(pause);
        if (resume.Count > 0) consumer.Resume(resume);
        _paused.Clear();
        _paused.UnionWith(full);
    }

    [LoggerMessage(20, LogLevel.Warning, "Kafka trouble; reading goes on in a second")]
    private partial void Trouble(KafkaException exception);

    [LoggerMessage(22, LogLevel.Warning, "The consumer could not leave its group in order; its partitions go to another worker after the session time-out")]
    private partial void NotClosed(KafkaException exception);

    [LoggerMessage(21, LogLevel.Warning, "The record at {Origin} goes to the dead letters: {Fault}")]
    private partial void Undecodable(TopicPartitionOffset origin, string fault);
}
