using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Data;
using Data.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Relay;

/// <summary>How often the relay looks. Section <c>Relay</c>.</summary>
internal sealed class RelayOptions
{
    public const string Section = "Relay";

    /// <summary>Between two looks for rows that are due to be published, when the last one found none.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most rows published at a time.</summary>
    [Range(1, 10_000, ErrorMessage = "Relay__MaxBatch must be between 1 and 10000 rows.")]
    public int MaxBatch { get; set; } = 500;
}

/// <summary>
/// Publishes rows that have no outcome long after they should: their record was lost, or a retry is due. Roles: every worker runs one;
/// SKIP LOCKED keeps them from taking the same rows.
/// Guarantee: a row that is PROCESSING is published again and again, at ever longer intervals, until it has an outcome. Publishing too
/// often does no harm: processing is idempotent.
/// Dies at any step: the claim has moved next_publish_at on, and at that time the row is due again. Kafka away: the row is due again in
/// <see cref="AfterFailure"/>. PostgreSQL away: looks again at the next interval.
/// </summary>
internal sealed partial class RelayTransactions(
    NpgsqlDataSource database, IProducer<byte[], byte[]> producer, IOptions<RelayOptions> options, IMeterFactory meters, TimeProvider clock,
    ILogger<RelayTransactions> logger) : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly ActivitySource Source = new("AspireWebhooks.Relay");

    /// <summary>
    /// Claims what is due by moving its date on: by its age, which doubles the interval each time, at least 60 s and at most an hour. The
    /// claim is a lease and needs no transaction that waits for Kafka.
    /// </summary>
    private const string Claim =
        """
        UPDATE transactions AS t
        SET next_publish_at = now() + least(greatest(now() - t.created_at, interval '60 s'), interval '1 h')
        FROM (
            SELECT transaction_id FROM transactions
            WHERE status = 'PROCESSING' AND next_publish_at <= now()
            ORDER BY next_publish_at LIMIT $1
            FOR UPDATE SKIP LOCKED) AS due
        WHERE t.transaction_id = due.transaction_id
        RETURNING t.transaction_id, t.source_account, t.destination_account, t.amount, t.currency, t.created_at, t.traceparent
        """;

    // By id alone: as RecordOutcomes.
    internal const string GiveBack =
        "UPDATE transactions SET next_publish_at = now() + $2 WHERE transaction_id = ANY ($1) AND status || '' = 'PROCESSING'";

    private readonly ILogger _logger = logger;
    private readonly Counter<long> _relayed = meters.Create("AspireWebhooks.Relay")
        .CreateCounter<long>("aspirewebhooks.transactions.relayed", "{record}", "Records published from their rows");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        try
        {
            do
            {
                while (await RelayAsync(stoppingToken) == options.Value.MaxBatch)
                {
                    // As much as fits in a batch: there is more.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was claimed and not published is due again at its next date.
        }
    }

    private async Task<int> RelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await ClaimAsync(cancellationToken);
            if (rows.Count == 0) return 0;

            var failed = (await Task.WhenAll(rows.Select(row => PublishAsync(row, cancellationToken)))).OfType<string>().ToArray();
            _relayed.Add(rows.Count - failed.Length);
            Relayed(rows.Count - failed.Length);
            if (failed.Length == 0) return rows.Count;

            NotTaken(failed.Length);
            await GiveBackAsync(failed, cancellationToken);
            return 0; // Kafka is away: no use in hurrying on.
        }
        catch (NpgsqlException exception)
        {
            LookFailed(exception);
            return 0;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: an outbox that nobody relays would be worse.
            RelayFailed(exception);
            return 0;
        }
    }

    private async Task<List<DueRow>> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.MaxBatch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DueRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new DueRow(MessageRow.Read(reader), await reader.IsDBNullAsync(6, cancellationToken) ? null : reader.GetString(6)));
        }

        return rows;
    }

    /// <summary>Null when Kafka has taken the record, else the transaction's id.</summary>
    private async Task<string?> PublishAsync(DueRow row, CancellationToken cancellationToken)
    {
        using var span = StartSend(row);
        var headers = new Headers { { MessageHeaders.EventType, Encoding.UTF8.GetBytes(EventTypes.TransactionAccepted) } };
        if ((span?.Id ?? row.TraceParent) is { } traceParent) headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        try
        {
            await producer.ProduceAsync(
                Topics.Transactions,
                new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes(row.Message.TransactionId),
                    Value = JsonSerializer.SerializeToUtf8Bytes(row.Message, MessageJson.Default.TransactionMessage),
                    Timestamp = new Timestamp(row.Message.CreatedAt.UtcDateTime, TimestampType.CreateTime),
                    Headers = headers,
                },
                cancellationToken);
            return null;
        }
        catch (KafkaException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Error.Reason);
            return row.Message.TransactionId;
        }
    }

    /// <summary>In the trace of the request that brought the row, so that the trace is whole also when its first record was lost.</summary>
    private static Activity? StartSend(DueRow row)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(row.TraceParent, null, isRemote: true, out var parent)) return null;
        var span = Source.StartActivity($"send {Topics.Transactions}", ActivityKind.Producer, parent);
        span?.SetTag("messaging.system", "kafka");
        span?.SetTag("messaging.operation.type", "send");
        span?.SetTag("messaging.destination.name", Topics.Transactions);
        span?.SetTag("messaging.kafka.message.key", row.Message.TransactionId);
        span?.SetTag("aspirewebhooks.relayed", true);
        return span;
    }

    private async Task GiveBackAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(GiveBack);
        command.Parameters.Add(Column.Of(ids, NpgsqlDbType.Text));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = AfterFailure, NpgsqlDbType = NpgsqlDbType.Interval });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(50, LogLevel.Information, "Published {Count} transactions from their rows: their records were lost, or a retry is due")]
    private partial void Relayed(int count);

    [LoggerMessage(51, LogLevel.Warning, "Kafka did not take {Count} records; they are published again in a few seconds")]
    private partial void NotTaken(int count);

    [LoggerMessage(52, LogLevel.Warning, "The relay could not look for rows; it looks again shortly")]
    private partial void LookFailed(NpgsqlException exception);

    [LoggerMessage(53, LogLevel.Error, "The relay failed in a way nobody foresaw; it goes on at the next interval, its rows a minute later")]
    private partial void RelayFailed(Exception exception);

    private sealed record DueRow(TransactionMessage Message, string? TraceParent);
}
