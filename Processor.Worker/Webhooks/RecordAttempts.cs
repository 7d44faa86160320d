using Contracts;
using Data;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Work;
using ServiceDefaults.Batches;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Webhooks;

/// <summary>An attempt and what follows it.</summary>
internal sealed record DoneAttempt(ClaimedDelivery Delivery, SendResult Result, DeliveryStep Step);

/// <summary>
/// Records attempts: the attempt's row, the delivery's new state, and the endpoint's when it changes from failing to well or back. Attempts that end while a
/// statement runs share the next one (with two statements at a time each had 12 attempts, and 7,480 events a second were delivered instead of 8,230). Its WHERE
/// is the guarantee: what was sent under a claim that has ended changes nothing, and what was taken by the receiver is delivered, though the endpoint was
/// disabled meanwhile.
/// </summary>
internal sealed class RecordAttempts
{
    private const string Record =
        """
        WITH done AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS u (id, claim, status, wait, response_status, error, duration_ms, body)),
        recorded AS (
            UPDATE webhook_deliveries AS d
            SET status = o.status, attempts = d.attempts + 1, tries = d.tries + 1, response_status = o.response_status, error_message = o.error,
                claimed_until = NULL,
                next_attempt_at = CASE o.status WHEN 'pending' THEN now() + o.wait END, processed_at = CASE o.status WHEN 'pending' THEN NULL ELSE now() END
            FROM done AS o WHERE d.id = o.id AND d.claim = o.claim AND (d.status || '' = 'pending' OR o.status = 'delivered')
            RETURNING d.id, d.attempts, o.response_status, o.error, o.duration_ms, o.body),
        kept AS (
            INSERT INTO webhook_attempts (delivery_id, number, sent_at, duration_ms, response_status, response_body, error_message)
            SELECT id, attempts, now() - duration_ms * interval '1 ms', duration_ms, response_status, body, error FROM recorded)
        SELECT id FROM recorded
        """;

    private const string Failing = "UPDATE webhook_endpoints SET failing_since = now() WHERE id = ANY ($1) AND failing_since IS NULL";

    private const string Well = "UPDATE webhook_endpoints SET failing_since = NULL WHERE id = ANY ($1) AND failing_since IS NOT NULL";

    private readonly NpgsqlDataSource _database;
    private readonly BatchQueue<DoneAttempt, bool> _queue;

    public RecordAttempts(NpgsqlDataSource database, TimeProvider clock)
    {
        _database = database;
        _queue = new(
            new BatchQueueOptions("record attempts") { Capacity = int.MaxValue, MaxBatch = 500, IsForOneItem = DatabaseRefusal.IsRefusal },
            RecordAsync, clock);
    }

    /// <summary>
    /// Whether it was recorded; false when the claim had ended. Throws what the database throws; then it may have been recorded, and recording it again is
    /// safe.
    /// </summary>
    public Task<bool> RunAsync(DoneAttempt attempt) => _queue.TryEnqueue(attempt)!;

    private async Task RecordAsync(IReadOnlyList<QueuedItem<DoneAttempt, bool>> items)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        DoneAttempt[] done = [.. items.Select(item => item.Item)];
        batch.BatchCommands.Add(ToRecord(done));
        AddChange(batch, Failing, done.Where(one => !one.Result.IsDelivered && !one.Delivery.Endpoint.IsFailing));
        AddChange(batch, Well, done.Where(one => one.Result.IsDelivered && one.Delivery.Endpoint.IsFailing));
        var recorded = new HashSet<Guid>();
        await using (var row = await batch.ExecuteReaderAsync())
        {
            while (await row.ReadAsync()) recorded.Add(row.GetGuid(0));
        }

        foreach (var item in items) item.TrySetResult(recorded.Contains(item.Item.Delivery.Id));
    }

    private static void AddChange(NpgsqlBatch batch, string sql, IEnumerable<DoneAttempt> attempts)
    {
        // In the order of their ids: two workers that do this at a time do not deadlock.
        Guid[] endpoints = [.. attempts.Select(one => one.Delivery.Endpoint.Id).Distinct().Order()];
        if (endpoints.Length > 0) batch.BatchCommands.Add(new(sql) { Parameters = { Parameter.Array(endpoints, NpgsqlDbType.Uuid) } });
    }

    private static NpgsqlBatchCommand ToRecord(DoneAttempt[] done) => new(Record)
    {
        Parameters =
        {
            Parameter.Array([.. done.Select(one => one.Delivery.Id)], NpgsqlDbType.Uuid),
            Parameter.Array([.. done.Select(one => one.Delivery.Claim)], NpgsqlDbType.Bigint),
            Parameter.Array([.. done.Select(one => one.Step.Status)], NpgsqlDbType.Text),
            Parameter.Array([.. done.Select(one => one.Step.Wait)], NpgsqlDbType.Interval),
            Parameter.Array([.. done.Select(one => one.Result.Status)], NpgsqlDbType.Integer),
            Parameter.Array([.. done.Select(one => StoredText.Clean(one.Step.Error))], NpgsqlDbType.Text),
            Parameter.Array([.. done.Select(one => (int)one.Result.Duration.TotalMilliseconds)], NpgsqlDbType.Integer),
            Parameter.Array([.. done.Select(one => StoredText.Clean(one.Result.Body))], NpgsqlDbType.Text),
        },
    };
}
