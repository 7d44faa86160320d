using System.Text;
using System.Threading.Channels;
using Confluent.Kafka;
using Contracts;
using Data.DeadLetters;
using Npgsql;
using Processor.Worker.Transactions;

namespace Processor.Worker.DeadLetters;

/// <summary>
/// Puts records that cannot be processed aside: a row in dead_letters and a record in transactions.dlq, then their offset may be passed.
/// Guarantee: at least once in both; the row once, by its unique key.
/// Dies before the row: read again. Dies between row and offset: read again, the row is there, the record in the topic comes twice.
/// PostgreSQL or Kafka away: tried until both have it; the partition's offset stays, other records of it go on.
/// </summary>
internal sealed partial class DeadLetterWriter(
    NpgsqlDataSource database, DeadLetterTopic topic, WaitingTransactions waiting, TimeProvider clock, ILogger<DeadLetterWriter> logger)
    : BackgroundService
{
    /// <summary>One takes some 10 ms, nearly all of it waiting: a topic full of rubbish goes by at several hundred a second.</summary>
    private const int AtATime = 8;

    /// <summary>Bodies may have 1 MB each, and wait here for a database that is away: beyond this reading pauses.</summary>
    private const long MaxWaitingBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly Channel<Work> _records = Channel.CreateUnbounded<Work>();
    private readonly ILogger _logger = logger;
    private long _waitingBytes;

    /// <summary>Whether so much waits to be written that no more should be read.</summary>
    public bool IsOverfull => Volatile.Read(ref _waitingBytes) > MaxWaitingBytes;

    /// <summary>A record that is no transaction.</summary>
    public void Add(PartitionQueue queue, long ticket, ConsumeResult<byte[], byte[]> record, string fault) => Add(new Work(queue, ticket, new DeadRecord(
        record.TopicPartitionOffset, record.Message.Timestamp.UnixTimestampMs, record.Message.Key, record.Message.Value, DeadLetterReason.Undecodable, fault)));

    /// <summary>
    /// A record whose transaction has no row. Its body was not kept while it waited; it can be read again at its origin for as long as
    /// Kafka keeps it.
    /// </summary>
    public void AddUnknown(PartitionQueue queue, WaitingRecord record) => Add(new Work(queue, record.Ticket, new DeadRecord(
        new TopicPartitionOffset(Topics.Transactions, queue.Partition, record.Origin.Offset), record.Origin.TimestampMs,
        Encoding.UTF8.GetBytes(record.Id), null, DeadLetterReason.UnknownTransaction, "There is no row with this transaction_id.")));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Parallel.ForEachAsync(
                _records.Reader.ReadAllAsync(stoppingToken),
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = stoppingToken },
                async (work, cancellationToken) =>
                {
                    while (!await TryWriteAsync(work.Record, cancellationToken)) await Task.Delay(AfterError, clock, cancellationToken);
                    Interlocked.Add(ref _waitingBytes, -work.Record.Bytes);
                    waiting.FinishDeadLetter(work.Queue, work.Ticket);
                });
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is read again: its offset was not passed.
        }
    }

    private void Add(Work work)
    {
        Interlocked.Add(ref _waitingBytes, work.Record.Bytes);
        _records.Writer.TryWrite(work);
    }

    private async Task<bool> TryWriteAsync(DeadRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(record, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotWritten(exception, record.Origin);
            return false;
        }
    }

    private async Task WriteAsync(DeadRecord record, CancellationToken cancellationToken)
    {
        await InsertDeadLetter.RunAsync(database, record, cancellationToken);
        await topic.SendAsync(record, cancellationToken);
    }

    [LoggerMessage(40, LogLevel.Warning, "The dead letter of {Origin} could not be written and is tried again in a second")]
    private partial void NotWritten(Exception exception, TopicPartitionOffset origin);

    private sealed record Work(PartitionQueue Queue, long Ticket, DeadRecord Record);
}
