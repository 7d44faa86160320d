using Data;
using Data.Transactions;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Processor.Worker.Transactions;

/// <summary>A transaction whose outcome was written, with what its trace needs.</summary>
internal readonly record struct RecordedOutcome(string Id, string Status, string? TraceParent, TimeSpan Lateness);

/// <summary>A transaction whose outcome was refused, and why.</summary>
/// <param name="Id">The transaction_id.</param>
/// <param name="IsKnown">False: there is no such row.</param>
/// <param name="Wait">The row is not due for that long yet, by the database's clock, or was not a moment ago; null: it has its outcome.</param>
internal readonly record struct RefusedOutcome(string Id, bool IsKnown, TimeSpan? Wait);

/// <summary>
/// Writes outcomes, a batch in one statement. Its WHERE is the guarantee: a row gets one final outcome however often its record is
/// processed, and none before its time by the database's clock, whatever the worker's clock says.
/// </summary>
internal sealed class RecordOutcomes(NpgsqlDataSource database, IOptions<TransactionSchedule> schedule)
{
    // Rows are found by their ids, and the other conditions are written so that no index answers to them. Otherwise statistics taken at a quiet
    // moment say that nothing is PROCESSING, and each batch reads the relay's whole index instead: at 3,000 a second, 90,000 entries. (Measured
    // over 3 minutes, half of all were 9 s late and some 98 s; docs/performance.md.)
    internal const string Record =
        """
        UPDATE transactions AS t
        SET status = o.status,
            failure_reason = o.reason,
            processed_at = CASE o.status WHEN 'PROCESSING' THEN NULL ELSE now() END,
            attempts = t.attempts + CASE o.status WHEN 'PROCESSED' THEN 0 ELSE 1 END,
            next_publish_at = CASE o.status WHEN 'PROCESSING' THEN now() + o.retry_after ELSE t.next_publish_at END
        FROM unnest($1, $2, $3, $4) AS o (id, status, reason, retry_after)
        WHERE t.transaction_id = o.id AND t.status || '' = 'PROCESSING' AND t.created_at + $5 <= now()
        RETURNING t.transaction_id, t.status, t.traceparent, now() - $5 - t.created_at
        """;

    private const string Explain =
        """
        SELECT transaction_id, CASE status WHEN 'PROCESSING' THEN created_at + $2 - now() END
        FROM transactions WHERE transaction_id = ANY ($1)
        """;

    /// <summary>Writes the outcomes whose rows are due and have none yet; returns those.</summary>
    public async Task<IReadOnlyList<RecordedOutcome>> RecordAsync(IReadOnlyList<Outcome> outcomes, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0) return [];
        await using var command = database.CreateCommand(Record);
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.Id)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.Status)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.Status == TransactionStatus.Failed ? o.Reason : null)], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. outcomes.Select(o => o.RetryAfter)], NpgsqlDbType.Interval));
        command.Parameters.Add(Delay);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var recorded = new List<RecordedOutcome>(outcomes.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            var traceParent = await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetString(2);
            recorded.Add(new RecordedOutcome(reader.GetString(0), reader.GetString(1), traceParent, reader.GetTimeSpan(3)));
        }

        return recorded;
    }

    /// <summary>Says of transactions that <see cref="RecordAsync"/> left out why it did. Rare.</summary>
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

    private NpgsqlParameter<TimeSpan> Delay => Parameter.Interval(schedule.Value.Delay);
}
