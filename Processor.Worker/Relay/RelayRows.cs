using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using Contracts;
using Data;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Relay;

/// <summary>
/// Publishes rows of a table that have no outcome long after they should: their record was lost, or a retry is due. Roles: every worker runs one
/// a table; SKIP LOCKED keeps them from taking the same rows.
/// Guarantee: a row without an outcome is published again and again, at ever longer intervals, until it has one. Publishing too
/// often does no harm: processing is idempotent.
/// Dies at any step: the claim has moved next_publish_at on, and at that time the row is due again. Kafka away: the row is due again in
/// <see cref="AfterFailure"/>. PostgreSQL away: looks again at the next interval.
/// </summary>
internal sealed partial class RelayRows : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly ActivitySource Source = new("AspireWebhooks.Relay");

    private readonly RelayedTable _table;
    private readonly NpgsqlDataSource _database;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Counter<long> _relayed;

    public RelayRows(
        RelayedTable table, NpgsqlDataSource database, IProducer<byte[], byte[]> producer, IOptions<RelayOptions> options, IMeterFactory meters,
        TimeProvider clock, ILogger<RelayRows> logger)
    {
        (_table, _database, _producer, _options, _clock, _logger) = (table, database, producer, options.Value, clock, logger);
        _relayed = meters.Create("AspireWebhooks.Relay")
            .CreateCounter<long>($"aspirewebhooks.{table.Name}.relayed", "{record}", "Records published from their rows");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.Interval, _clock);
        try
        {
            do
            {
                while (await RelayAsync(stoppingToken) == _options.MaxBatch)
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
            Relayed(rows.Count - failed.Length, _table.Name);
            if (failed.Length == 0) return rows.Count;

            NotTaken(failed.Length, _table.Name);
            await GiveBackAsync(failed, cancellationToken);
            return 0; // Kafka is away: no use in hurrying on.
        }
        catch (NpgsqlException exception)
        {
            LookFailed(exception, _table.Name);
            return 0;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: an outbox that nobody relays would be worse.
            RelayFailed(exception, _table.Name);
            return 0;
        }
    }

    private async Task<List<DueRow>> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(_table.Claim);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _options.MaxBatch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DueRow>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(_table.Read(reader));
        return rows;
    }

    /// <summary>Null when Kafka has taken the record, else the row's id.</summary>
    private async Task<string?> PublishAsync(DueRow row, CancellationToken cancellationToken)
    {
        using var span = StartSend(row);
        var headers = new Headers { { MessageHeaders.EventType, Encoding.UTF8.GetBytes(_table.EventType) } };
        if ((span?.Id ?? row.TraceParent) is { } traceParent) headers.Add(MessageHeaders.TraceParent, Encoding.ASCII.GetBytes(traceParent));
        try
        {
            var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(row.Key), Value = row.Value, Headers = headers };
            if (row.Timestamp is { } timestamp) message.Timestamp = new Timestamp(timestamp, TimestampType.CreateTime);
            await _producer.ProduceAsync(_table.Topic, message, cancellationToken);
            return null;
        }
        catch (KafkaException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Error.Reason);
            return row.Id;
        }
    }

    /// <summary>In the trace of the request that brought the row, so that the trace is whole also when its first record was lost.</summary>
    private Activity? StartSend(DueRow row)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(row.TraceParent, null, isRemote: true, out var parent)) return null;
        var span = Source.StartActivity($"send {_table.Topic}", ActivityKind.Producer, parent);
        span?.SetTag("messaging.system", "kafka");
        span?.SetTag("messaging.operation.type", "send");
        span?.SetTag("messaging.destination.name", _table.Topic);
        span?.SetTag("messaging.kafka.message.key", row.Key);
        span?.SetTag("aspirewebhooks.relayed", true);
        return span;
    }

    private async Task GiveBackAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(_table.GiveBack);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Interval(AfterFailure));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(50, LogLevel.Information, "Published {Count} {Table} from their rows: their records were lost, or a retry is due")]
    private partial void Relayed(int count, string table);

    [LoggerMessage(51, LogLevel.Warning, "Kafka did not take {Count} records of {Table}; they are published again in a few seconds")]
    private partial void NotTaken(int count, string table);

    [LoggerMessage(52, LogLevel.Warning, "The relay could not look for {Table}; it looks again shortly")]
    private partial void LookFailed(NpgsqlException exception, string table);

    [LoggerMessage(53, LogLevel.Error, "The relay of {Table} failed in a way nobody foresaw; it goes on at the next interval, its rows a minute later")]
    private partial void RelayFailed(Exception exception, string table);
}
