using Contracts;
using Data;
using Npgsql;
using NpgsqlTypes;
using Processor.Worker.Work;
using ServiceDefaults.Batches;

namespace Processor.Worker.Payments;

/// <summary>A claimed payment that becomes due again.</summary>
internal sealed record DueAgain(ClaimedPayment Payment, PaymentStep.Retry Retry);

/// <summary>
/// Releases claims and makes their payments due again. Every payment that the bank takes comes here, to wait for the callback: those that come at the same time
/// share one statement. One by one each took 0.7 ms in PostgreSQL, two fifths of all that a deposit takes there (docs/performance.md).
/// </summary>
internal sealed class RecordRetries
{
    // By id alone, and in the order of ids: as ClaimPayments, and as callbacks are settled, so that none deadlocks.
    private const string Record =
        """
        WITH again AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) AS u (id, claim, wait, attempts, is_unanswered, bank_reference, reason)),
        held AS (
            SELECT p.id FROM payments AS p JOIN again USING (id)
            WHERE p.id = ANY ($1) AND p.claim = again.claim AND p.status || '' IN ('pending', 'processing')
            ORDER BY p.id FOR UPDATE OF p)
        UPDATE payments AS p
        SET due_at = now() + again.wait, next_publish_at = now() + again.wait, attempts = again.attempts, is_unanswered = again.is_unanswered,
            bank_reference = coalesce(again.bank_reference, p.bank_reference), error_message = again.reason
        FROM held JOIN again USING (id) WHERE p.id = held.id AND p.claim = again.claim
        RETURNING p.id, p.claim
        """;

    private const string Claims = "SELECT id, claim FROM payments WHERE id = ANY ($1)";

    // The commit does not wait for the disk. If a crash of the server undoes it, the row says what it said before the call, that the bank may have been
    // called, and the bank is asked. Under a load of deposits a third of what PostgreSQL's sessions waited for was this commit's place in the log.
    private const string CommitWithoutFlush = "SELECT set_config('synchronous_commit', 'off', true)";

    private readonly NpgsqlDataSource _database;
    private readonly BatchQueue<DueAgain, RecordedRetry> _queue;

    public RecordRetries(NpgsqlDataSource database, TimeProvider clock)
    {
        _database = database;
        _queue = new(
            new BatchQueueOptions("record payments' retries")
            {
                Capacity = int.MaxValue,
                MaxBatch = 200,
                MaxInFlight = 2,
                MinBatchBesideAnother = 20,
                IsForOneItem = DatabaseRefusal.IsRefusal,
            },
            RecordAsync, clock);
    }

    /// <summary>Records it. Throws what the database throws; then it may have been recorded, and recording it again is safe.</summary>
    public Task<RecordedRetry> RunAsync(DueAgain again) => _queue.TryEnqueue(again)!;

    private async Task RecordAsync(IReadOnlyList<QueuedItem<DueAgain, RecordedRetry>> items)
    {
        await using var batch = _database.CreateBatch();
        batch.BatchCommands.Add(new(CommitWithoutFlush));
        batch.BatchCommands.Add(ToRecord([.. items.Select(item => item.Item)]));
        var recorded = new HashSet<(long Id, long Claim)>();
        await using (var row = await batch.ExecuteReaderAsync())
        {
            await row.NextResultAsync();
            while (await row.ReadAsync()) recorded.Add((row.GetInt64(0), row.GetInt64(1)));
        }

        var others = items.Where(item => !recorded.Contains((item.Item.Payment.Id, item.Item.Payment.Claim))).ToArray();
        var claims = others.Length == 0 ? [] : await ReadClaimsAsync([.. others.Select(item => item.Item.Payment.Id)]);
        foreach (var item in others) item.TrySetResult(IsSuperseded(item.Item.Payment, claims) ? RecordedRetry.Superseded : RecordedRetry.IsSettled);
        foreach (var item in items) item.TrySetResult(RecordedRetry.Recorded); // All that have no result yet.
    }

    private static bool IsSuperseded(ClaimedPayment payment, Dictionary<long, long> claims) =>
        claims.TryGetValue(payment.Id, out var claim) && claim != payment.Claim;

    private async Task<Dictionary<long, long>> ReadClaimsAsync(long[] ids)
    {
        await using var command = _database.CreateCommand(Claims);
        command.Parameters.Add(Parameter.Array(ids, NpgsqlDbType.Bigint));
        await using var row = await command.ExecuteReaderAsync();
        var claims = new Dictionary<long, long>();
        while (await row.ReadAsync()) claims.Add(row.GetInt64(0), row.GetInt64(1));
        return claims;
    }

    private static NpgsqlBatchCommand ToRecord(DueAgain[] again) => new(Record)
    {
        Parameters =
        {
            Parameter.Array([.. again.Select(one => one.Payment.Id)], NpgsqlDbType.Bigint),
            Parameter.Array([.. again.Select(one => one.Payment.Claim)], NpgsqlDbType.Bigint),
            Parameter.Array([.. again.Select(one => one.Retry.Wait)], NpgsqlDbType.Interval),
            Parameter.Array([.. again.Select(one => one.Retry.Attempts)], NpgsqlDbType.Integer),
            Parameter.Array([.. again.Select(one => one.Retry.IsUnanswered)], NpgsqlDbType.Boolean),
            Parameter.Array([.. again.Select(one => StoredText.Clean(one.Retry.BankReference))], NpgsqlDbType.Text),
            Parameter.Array([.. again.Select(one => StoredText.Clean(one.Retry.Reason))], NpgsqlDbType.Text),
        },
    };
}
