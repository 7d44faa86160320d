using Contracts;
using Data;
using Data.Transactions;
using Data.Webhooks;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Transactions;

/// <summary>A transaction whose outcome was written, with what its trace needs.</summary>
internal readonly record struct RecordedOutcome(string Id, string Status, string? TraceParent, TimeSpan Lateness);

/// <summary>A transaction whose outcome was not written, and why.</summary>
/// <param name="Id">The transaction_id.</param>
/// <param name="IsKnown">False: there is no such row.</param>
/// <param name="Wait">How long the row is not due yet by the database's clock, 0 when it was not due a moment ago; null: it has its outcome.</param>
internal readonly record struct RefusedOutcome(string Id, bool IsKnown, TimeSpan? Wait);

/// <summary>
/// Writes outcomes, a batch in one statement. Its WHERE is the guarantee: a row gets one final outcome however often its record is processed, and none before
/// it is due by the database's clock, whatever the worker's clock says.
/// </summary>
internal sealed class RecordOutcomes(NpgsqlDataSource database, IOptions<TransactionSchedule> schedule)
{
    // No index names what is set here, and pages have room: these are heap-only updates (TransactionOutboxTests, docs/performance.md).
    // What is to be retried is added to the outbox. The events cost the statement two looks at the endpoints, and a row for each transaction that one of
    // them wants to know of.
    internal static readonly string Record =
        $"""
        WITH recorded AS (
            UPDATE transactions AS t
            SET status = o.status,
                failure_reason = o.reason,
                processed_at = CASE o.status WHEN 'PROCESSING' THEN NULL ELSE now() END,
                attempts = t.attempts + o.attempts,
                next_publish_at = CASE o.status WHEN 'PROCESSING' THEN now() + o.retry_after ELSE t.next_publish_at END
            FROM unnest($1, $2, $3, $4, $6) AS o (id, status, reason, retry_after, attempts)
            WHERE t.transaction_id = o.id AND t.status = 'PROCESSING' AND t.created_at + $5 <= now()
            RETURNING t.*
        ), again AS (
            {TransactionOutbox.AddFrom("recorded")}
        ), told AS (
            {NewEvents.Insert}
            SELECT uuid_v7(), CASE r.status WHEN 'PROCESSED' THEN '{WebhookEvents.TransactionProcessed}' ELSE '{WebhookEvents.TransactionFailed}' END,
                NULL, r.transaction_id, to_json(r), r.traceparent
            FROM recorded r
            WHERE CASE r.status
                WHEN 'PROCESSED' THEN {NewEvents.IsWantedByAny(WebhookEvents.TransactionProcessed)}
                WHEN 'FAILED' THEN {NewEvents.IsWantedByAny(WebhookEvents.TransactionFailed)}
                ELSE false END
        )
        SELECT transaction_id, status, traceparent, now() - $5 - created_at FROM recorded
        """;

    private const string Explain =
        """
        SELECT transaction_id, CASE status WHEN 'PROCESSING' THEN created_at + $2 - now() END
        FROM transactions WHERE transaction_id = ANY ($1)
        """;

    /// <summary>Writes the outcomes of rows that are due and have no final outcome; returns what was written.</summary>
    public async Task<IReadOnlyList<RecordedOutcome>> RecordAsync(IReadOnlyList<Outcome> outcomes, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0) return [];
        await using var command = database.CreateCommand(Record);
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.Id)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.Status)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(FailureReason)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.RetryAfter)], NpgsqlDbType.Interval));
        command.Parameters.Add(Delay);
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.IsCounted ? 1 : 0)], NpgsqlDbType.Integer));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var recorded = new List<RecordedOutcome>(outcomes.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            var traceParent = await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2);
            recorded.Add(new RecordedOutcome(reader.GetString(0), reader.GetString(1), traceParent, reader.GetTimeSpan(3)));
        }

        return recorded;
    }

    /// <summary>Why <see cref="RecordAsync"/> left these transactions out. Rare.</summary>
    public async Task<IReadOnlyList<RefusedOutcome>> ExplainAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Explain);
        command.Parameters.Add(Parameter.Array<string>([.. ids], NpgsqlDbType.Text));
        command.Parameters.Add(Delay);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new Dictionary<string, TimeSpan?>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            known.Add(reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetTimeSpan(1));
        return [.. ids.Select(id => new RefusedOutcome(id, known.TryGetValue(id, out var wait), wait))];
    }

    private static string? FailureReason(Outcome outcome) => outcome.Status == TransactionStatus.Failed ? StoredText.Clean(outcome.Reason) : null;

    private NpgsqlParameter<TimeSpan> Delay => Parameter.Interval(schedule.Value.Delay);
}
