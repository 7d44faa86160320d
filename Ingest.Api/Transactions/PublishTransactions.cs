using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Confluent.Kafka;
using Contracts;
using Data;
using Data.Transactions;
using Npgsql;
using NpgsqlTypes;

namespace Ingest.Api.Transactions;

/// <summary>
/// Sends a committed transaction to Kafka, and does not wait: the row is its own outbox. What the broker does not acknowledge goes to
/// <see cref="UndeliveredRecords"/>, which hands its row to the relay.
/// </summary>
internal sealed class PublishTransactions(IProducer<string, byte[]> producer, UndeliveredRecords undelivered)
{
    private static readonly byte[] Accepted = Encoding.UTF8.GetBytes(EventTypes.TransactionAccepted);

    public void Publish(Submission submission, DateTime createdAt)
    {
        var content = submission.Item;
        using var span = AcceptMetrics.StartSend(submission);
        var message = new Message<string, byte[]>
        {
            Key = content.TransactionId,
            Value = JsonSerializer.SerializeToUtf8Bytes(
                new TransactionMessage(
                    content.TransactionId, content.SourceAccount, content.DestinationAccount, content.Amount, content.Currency, createdAt),
                MessageJson.Default.TransactionMessage),
            Timestamp = new Timestamp(createdAt, TimestampType.CreateTime),
            Headers = new Headers { { MessageHeaders.EventType, Accepted } },
        };
        var traceParent = span?.Id ?? TraceParentOf(submission.Trace);
        if (traceParent is not null) message.Headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));

        try
        {
            producer.Produce(Topics.Transactions, message, Delivered);
        }
        catch (Exception exception)
        {
            // Most likely librdkafka's own queue is full, because the broker has been away for long. Whatever it is, the senders need not know: their rows
            // are committed.
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            undelivered.Add(content.TransactionId, exception.Message);
        }
    }

    /// <summary>The W3C form of a span's context; null for none.</summary>
    public static string? TraceParentOf(ActivityContext trace) => trace == default
        ? null
        : $"00-{trace.TraceId.ToHexString()}-{trace.SpanId.ToHexString()}-{((trace.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? "01" : "00")}";

    private void Delivered(DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError) undelivered.Add(report.Key, report.Error.Reason);
    }
}

/// <summary>
/// Makes the rows whose records Kafka did not take due for the relay at once. It has no guarantee of its own and needs none: every row carries its
/// next_publish_at from the start, so what is lost here (by a crash, by a database that cannot answer, because more than <see cref="Capacity"/> wait) is
/// published at that time instead.
/// </summary>
internal sealed partial class UndeliveredRecords(NpgsqlDataSource database, AcceptMetrics metrics, ILogger<UndeliveredRecords> logger) : BackgroundService
{
    /// <summary>As many as librdkafka's queue holds, 100,000, all of which time out together when the broker is gone.</summary>
    private const int Capacity = 100_000;

    private const int MaxBatch = 1_000;

    private static readonly string MakeDue =
        $"""
        WITH due AS (
            UPDATE transactions SET next_publish_at = now() WHERE transaction_id = ANY ($1) AND status = 'PROCESSING' AND next_publish_at > now()
            RETURNING created_at, next_publish_at, status
        )
        {TransactionOutbox.AddFrom("due")}
        """;

    private readonly Channel<string> _ids = Channel.CreateBounded<string>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ILogger _logger = logger;

    public void Add(string transactionId, string reason)
    {
        metrics.Undelivered();
        NotDelivered(transactionId, reason);
        _ids.Writer.TryWrite(transactionId);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<string>(MaxBatch);
        try
        {
            while (await _ids.Reader.WaitToReadAsync(stoppingToken))
            {
                while (batch.Count < MaxBatch && _ids.Reader.TryRead(out var id)) batch.Add(id);
                await MakeDueAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The relay publishes them at their next_publish_at.
        }
    }

    private async Task MakeDueAsync(List<string> ids, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand(MakeDue);
            command.Parameters.Add(Parameter.Array<string>([.. ids], NpgsqlDbType.Text));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotMadeDue(exception, ids.Count);
        }
    }

    [LoggerMessage(10, LogLevel.Debug, "Kafka did not take the record of {TransactionId}: {Reason}. The relay publishes it")]
    private partial void NotDelivered(string transactionId, string reason);

    [LoggerMessage(11, LogLevel.Warning, "{Count} undelivered transactions could not be made due at once; the relay publishes them at their next_publish_at")]
    private partial void NotMadeDue(Exception exception, int count);
}
