using System.Text;
using System.Threading.Channels;
using Confluent.Kafka;
using Contracts;
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
    NpgsqlDataSource database, IProducer<byte[], byte[]> producer, WaitingTransactions waiting, TimeProvider clock, ILogger<DeadLetterWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private const string Insert =
        """
        INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, key, value, reason, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (topic, partition, "offset", record_timestamp) DO NOTHING
        """;

    // Unbounded, and bounded all the same: a partition with too many records that are not finished is paused.
    private readonly Channel<(PartitionQueue Queue, DeadRecord Record)> _records =
        Channel.CreateUnbounded<(PartitionQueue, DeadRecord)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly ILogger _logger = logger;

    /// <summary>A record that is no transaction.</summary>
    public void Add(PartitionQueue queue, ConsumeResult<byte[], byte[]> record, string fault) => _records.Writer.TryWrite((queue, new DeadRecord(
        record.TopicPartitionOffset, record.Message.Timestamp.UtcDateTime, record.Message.Key, record.Message.Value, "undecodable", fault)));

    /// <summary>
    /// A record whose transaction has no row. Its body was not kept while it waited; it can be read again at its origin for as long as
    /// Kafka keeps it.
    /// </summary>
    public Task WriteUnknownAsync(int partition, WaitingRecord record, CancellationToken cancellationToken) => WriteAsync(
        new DeadRecord(
            new TopicPartitionOffset(Topics.Transactions, partition, record.Offset), new DateTime(record.DueTicks, DateTimeKind.Utc),
            Encoding.UTF8.GetBytes(record.Id), null, "unknown_transaction", "There is no row with this transaction_id."),
        cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var (queue, record) in _records.Reader.ReadAllAsync(stoppingToken))
            {
                while (!await TryWriteAsync(record, stoppingToken)) await Task.Delay(AfterError, clock, stoppingToken);
                waiting.FinishDeadLetter(queue);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is read again: its offset was not passed.
        }
    }

    private async Task<bool> TryWriteAsync(DeadRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(record, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or KafkaException)
        {
            NotWritten(exception, record.Origin);
            return false;
        }
    }

    private async Task WriteAsync(DeadRecord record, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Insert);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Origin.Topic });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = record.Origin.Partition });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = record.Origin.Offset });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = record.Timestamp });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = record.Key });
        command.Parameters.Add(new NpgsqlParameter<byte[]?> { TypedValue = record.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Reason });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Detail });
        await command.ExecuteNonQueryAsync(cancellationToken);

        await producer.ProduceAsync(Topics.TransactionsDeadLetters, record.ToMessage(), cancellationToken);
    }

    [LoggerMessage(40, LogLevel.Warning, "The dead letter of {Origin} could not be written and is tried again in a second")]
    private partial void NotWritten(Exception exception, TopicPartitionOffset origin);

    private sealed record DeadRecord(TopicPartitionOffset Origin, DateTime Timestamp, byte[]? Key, byte[]? Value, string Reason, string Detail)
    {
        public Message<byte[], byte[]> ToMessage() => new()
        {
            Key = Key!,
            Value = Value!,
            Headers = new Headers
            {
                { MessageHeaders.DeadLetterReason, Encoding.UTF8.GetBytes(Reason) },
                { MessageHeaders.DeadLetterDetail, Encoding.UTF8.GetBytes(Detail) },
                { MessageHeaders.DeadLetterOrigin, Encoding.UTF8.GetBytes($"{Origin.Topic}/{Origin.Partition.Value}/{Origin.Offset.Value}") },
            },
        };
    }
}
