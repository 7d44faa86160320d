using System.Diagnostics;
using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Data;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Kafka;
using Processor.Worker.Work;

namespace Processor.Worker.Relay;

/// <summary>
/// Publishes rows of a table that are past their next_publish_at without an outcome: their record was lost, or a retry is due. Roles: every worker runs one
/// per table; SKIP LOCKED keeps two from claiming the same rows.
/// Guarantee: a row without an outcome is published again, at intervals that double up to an hour, until it has one. A record too many has no effect:
/// processing is idempotent.
/// Dies at any step: the claim has moved next_publish_at on, and the row is published at that time. Kafka is away: the row is due again after
/// <see cref="AfterFailure"/>. PostgreSQL is away: the next interval looks again.
/// </summary>
internal sealed partial class RelayRows : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly ActivitySource Source = new("AspireWebhooks.Relay");

    private readonly RelayedTable _table;
    private readonly NpgsqlDataSource _database;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly RelayOptions _options;
    private readonly Problems _problems;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Counter<long> _relayed;

    public RelayRows(
        RelayedTable table, NpgsqlDataSource database, IProducer<byte[], byte[]> producer, IOptions<RelayOptions> options, IMeterFactory meters,
        Problems problems, TimeProvider clock, ILogger<RelayRows> logger)
    {
        (_table, _database, _producer, _options) = (table, database, producer, options.Value);
        (_problems, _clock, _logger) = (problems, clock, logger);
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
                while (await RelayAsync(stoppingToken))
                {
                    // The batch was full: there may be more.
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was claimed and not published is due again at its next_publish_at.
        }
    }

    /// <summary>Claims and publishes a batch; returns whether there may be more.</summary>
    private async Task<bool> RelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (rows, isFull) = await ClaimAsync(cancellationToken);
            if (rows.Count == 0) return Done(isFull);

            var failed = (await Task.WhenAll(rows.Select(row => PublishAsync(row, cancellationToken)))).OfType<string>().ToArray();
            _relayed.Add(rows.Count - failed.Length);
            Relayed(_table.IsRoutine ? LogLevel.Debug : LogLevel.Information, rows.Count - failed.Length, _table.Name);
            if (failed.Length == 0) return Done(isFull);

            NotTaken(failed.Length, _table.Name);
            _problems.Report(
                Problem, $"The relay cannot publish {_table.Name}: Kafka does not acknowledge their records. The rows are kept and published again.");
            await GiveBackAsync(failed, cancellationToken);
            return false; // Kafka is away: the next batch would fail, too.
        }
        catch (NpgsqlException exception)
        {
            LookFailed(exception, _table.Name);
            _problems.Report(Problem, $"The relay cannot read {_table.Name}: {exception.Message}");
            return false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure: an outbox without a relay would be worse.
            RelayFailed(exception, _table.Name);
            _problems.Report(Problem, $"The relay of {_table.Name} failed: {exception.Message}");
            return false;
        }
    }

    private string Problem => $"relay of {_table.Name}";

    private bool Done(bool isFull)
    {
        _problems.Resolve(Problem);
        return isFull;
    }

    private async Task<(List<RelayedRow> Rows, bool IsFull)> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(_table.Claim);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _options.MaxBatch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, done) = (new List<RelayedRow>(), 0);
        for (; await reader.ReadAsync(cancellationToken); done++)
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken)) rows.Add(_table.Read(reader));
        }

        return (rows, done >= _options.MaxBatch);
    }

    /// <summary>Null when Kafka has acknowledged the record, else the row's id.</summary>
    private async Task<string?> PublishAsync(RelayedRow row, CancellationToken cancellationToken)
    {
        using var span = StartSend(row);
        try
        {
            var message = KafkaMessage.OfEvent(_table.EventType, row.Key, row.Value, span?.Id ?? row.TraceParent);
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

    /// <summary>A span in the trace of the request that created the row: the trace is complete even when its first record was lost.</summary>
    private Activity? StartSend(RelayedRow row)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(row.TraceParent, null, isRemote: true, out var parent)) return null;
        var span = KafkaMessage.StartSend(Source, _table.Topic, parent, row.Key);
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

    [LoggerMessage(EventId = 50, Message = "Published {Count} {Table} from their rows: their records were lost, or a retry is due")]
    private partial void Relayed(LogLevel level, int count, string table);

    [LoggerMessage(51, LogLevel.Warning, "Kafka did not acknowledge {Count} records of {Table}; they are published again in a few seconds")]
    private partial void NotTaken(int count, string table);

    [LoggerMessage(52, LogLevel.Warning, "The relay could not read {Table}; it tries again at the next interval")]
    private partial void LookFailed(NpgsqlException exception, string table);

    [LoggerMessage(53, LogLevel.Error, "The relay of {Table} failed unexpectedly; it goes on at the next interval, its rows a minute later")]
    private partial void RelayFailed(Exception exception, string table);
}
