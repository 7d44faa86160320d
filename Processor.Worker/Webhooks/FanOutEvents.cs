using System.Diagnostics;
using System.Text.Json;
using Confluent.Kafka;
using Contracts;
using Data;
using Data.Webhooks;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Kafka;
using Processor.Worker.Work;

namespace Processor.Worker.Webhooks;

/// <summary>
/// Makes a delivery of each new event for each endpoint that wants it, and wakes those who send. Roles: every worker runs one; an advisory lock lets one at a
/// time through, so that events get positions in the order in which they can be read.
/// Guarantee: an event that was committed gets its deliveries once, in the transaction that gives it its position.
/// <list type="bullet">
/// <item>Dies before the commit: nothing has happened, and any worker fans the events out.</item>
/// <item>Dies after it: the deliveries are due, and the relay wakes those who send within seconds.</item>
/// <item>Kafka is away: the same.</item>
/// <item>PostgreSQL is away: the next interval looks again, and <c>/health/worker</c> says so.</item>
/// </list>
/// </summary>
internal sealed partial class FanOutEvents(
    NpgsqlDataSource database, RenderEvents render, EndpointTurns turns, IProducer<byte[], byte[]> producer, WebhookMetrics metrics,
    IOptions<WebhookOptions> options, Problems problems, TimeProvider clock, ILogger<FanOutEvents> logger) : BackgroundService
{
    private const int MaxBatch = 500;
    private const string Problem = "webhook_events";

    /// <summary>How long it looks more often after it found something, and how often.</summary>
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(2), BusyInterval = TimeSpan.FromMilliseconds(5);

    // A look that finds nothing must cost nothing: without a transaction, by an index that is empty.
    private const string HasNew = "SELECT EXISTS (SELECT FROM webhook_events WHERE position IS NULL)";

    // A crash of PostgreSQL that loses this commit loses all of it: the events are fanned out again, and a receiver knows them by their ids.
    private const string Begin = "SET LOCAL synchronous_commit = off";

    private const string Lock = "SELECT pg_try_advisory_xact_lock($1)";

    private const string New = "SELECT id, type FROM webhook_events WHERE position IS NULL ORDER BY sequence LIMIT $1";

    // Endpoints that are disabled get none: what they missed can be replayed.
    private const string FanOut =
        $"""
        WITH rendered AS (
            SELECT r.id, r.data, nextval('webhook_event_positions') AS position
            FROM (SELECT id, data FROM unnest($1, $2) WITH ORDINALITY AS u (id, data, ord) ORDER BY ord) AS r),
        e AS (
            UPDATE webhook_events AS w SET data = r.data::json, snapshot = NULL, position = r.position
            FROM rendered AS r WHERE w.id = r.id
            RETURNING w.id, w.type, w.customer_id)
        INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, next_attempt_at)
        SELECT uuid_v7(), e.id, w.id, e.type, now()
        FROM e JOIN webhook_endpoints w ON w.disabled_at IS NULL AND {NewEvents.Wants}
        ON CONFLICT (event_id, endpoint_id) DO NOTHING
        RETURNING endpoint_id
        """;

    private readonly ILogger _logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lastFound = 0L;
        try
        {
            while (true)
            {
                var found = await LookAsync(stoppingToken);
                if (found > 0) lastFound = clock.GetTimestamp();
                if (found == MaxBatch) continue; // There may be more.
                await Task.Delay(lastFound > 0 && clock.GetElapsedTime(lastFound) < Busy ? BusyInterval : options.Value.FanOutInterval, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is new is fanned out by another worker, or after the next start.
        }
    }

    private async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var look = database.CreateCommand(HasNew);
            var found = await look.ExecuteScalarAsync(cancellationToken) is true ? await FanOutAsync(cancellationToken) : 0;
            problems.Resolve(Problem);
            return found;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure: events that nobody fans out would be worse.
            problems.Report(Problem, $"Events cannot be fanned out, and wait: {DatabaseRefusal.Describe(exception)}");
            NotFannedOut(exception);
            return 0;
        }
    }

    private async Task<int> FanOutAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var events = await LockAndReadAsync(connection, cancellationToken);
        if (events.Count == 0) return 0;
        var endpoints = await WriteAsync(connection, events, await render.RunAsync(events, cancellationToken), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.FannedOut(events.Count, endpoints.Count);
        foreach (var endpoint in endpoints.Distinct().Where(endpoint => !turns.TryWake(endpoint))) Announce(endpoint);
        return events.Count;
    }

    /// <summary>The new events; none while another worker is at it.</summary>
    private static async Task<IReadOnlyList<NewEvent>> LockAndReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var events = new List<NewEvent>();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Begin));
        batch.BatchCommands.Add(new(Lock) { Parameters = { new NpgsqlParameter<long> { TypedValue = AdvisoryLock.FanOut } } });
        await using (var row = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            if (!row.GetBoolean(0)) return events;
        }

        // A statement of its own: it sees what the one who had the lock before has committed.
        await using var command = new NpgsqlCommand(New, connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = MaxBatch } } };
        await using var read = await command.ExecuteReaderAsync(cancellationToken);
        while (await read.ReadAsync(cancellationToken)) events.Add(new(read.GetGuid(0), read.GetString(1)));
        return events;
    }

    private static async Task<IReadOnlyList<Guid>> WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<NewEvent> events, IReadOnlyDictionary<Guid, string> data, CancellationToken cancellationToken)
    {
        var endpoints = new List<Guid>(events.Count);
        await using var command = new NpgsqlCommand(FanOut, connection)
        {
            Parameters =
            {
                Parameter.Array([.. events.Select(one => one.Id)], NpgsqlDbType.Uuid),
                Parameter.Array([.. events.Select(one => data[one.Id])], NpgsqlDbType.Text),
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) endpoints.Add(row.GetGuid(0));
        return endpoints;
    }

    /// <summary>Wakes the worker that has the endpoint's partition. Without waiting for Kafka: the relay announces what was lost.</summary>
    private void Announce(Guid endpoint)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new DeliveryMessage(endpoint), MessageJson.Default.DeliveryMessage);
        try
        {
            producer.Produce(Topics.Deliveries, KafkaMessage.OfEvent(EventTypes.DeliveriesDue, $"{endpoint}", body, Activity.Current?.Id));
        }
        catch (KafkaException exception)
        {
            NotAnnounced(exception, endpoint); // Its own queue is full.
        }
    }

    [LoggerMessage(200, LogLevel.Warning, "Events could not be fanned out; they are tried again at the next interval")]
    private partial void NotFannedOut(Exception exception);

    [LoggerMessage(201, LogLevel.Warning, "The deliveries of endpoint {EndpointId} could not be announced; the relay does within seconds")]
    private partial void NotAnnounced(KafkaException exception, Guid endpointId);
}

/// <summary>An event that is not fanned out yet.</summary>
internal readonly record struct NewEvent(Guid Id, string Type);
