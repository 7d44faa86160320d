using System.Globalization;
using System.Text.Json;
using Contracts;
using Data.Transactions;
using Npgsql;

namespace Processor.Worker.Relay;

/// <summary>A row to publish.</summary>
/// <param name="Id">The row's id, as text.</param>
/// <param name="Key">The record's key.</param>
/// <param name="Value">The record's body.</param>
/// <param name="Timestamp">The record's timestamp, UTC; null for the time of sending.</param>
/// <param name="TraceParent">The trace of the request that created the row.</param>
internal sealed record RelayedRow(string Id, string Key, byte[] Value, DateTime? Timestamp, string? TraceParent);

/// <summary>A table whose rows are their own outbox, and how they are published.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Topic">The topic of its records.</param>
/// <param name="EventType">One of <see cref="EventTypes"/>.</param>
/// <param name="Claim">
/// Takes up to $1 rows that are due by moving their date on: by their age, which doubles the interval each time, at least a while and at most an hour.
/// The claim is a lease and needs no transaction that waits for Kafka.
/// </param>
/// <param name="GiveBack">Makes the rows of $1 (text) due in $2, by their ids alone: the index of what is due may be large when Kafka is away.</param>
/// <param name="Read">Reads the reader's current row.</param>
internal sealed record RelayedTable(string Name, string Topic, string EventType, string Claim, string GiveBack, Func<NpgsqlDataReader, RelayedRow> Read)
{
    /// <summary>Transactions without an outcome.</summary>
    public static RelayedTable Transactions { get; } = new(
        "transactions", Topics.Transactions, EventTypes.TransactionAccepted,
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
        """,
        // By id alone: as RecordOutcomes.
        "UPDATE transactions SET next_publish_at = now() + $2 WHERE transaction_id = ANY ($1) AND status || '' = 'PROCESSING'",
        ReadTransaction);

    /// <summary>Payments that are not settled and due: a retry, a question to the bank, a lease that has ended.</summary>
    public static RelayedTable Payments { get; } = new(
        "payments", Topics.Payments, EventTypes.PaymentDue,
        """
        UPDATE payments AS p
        SET next_publish_at = now() + least(greatest(now() - p.created_at, interval '15 s'), interval '1 h')
        FROM (
            SELECT id FROM payments
            WHERE processed_at IS NULL AND next_publish_at <= now()
            ORDER BY next_publish_at LIMIT $1
            FOR UPDATE SKIP LOCKED) AS due
        WHERE p.id = due.id
        RETURNING p.id, p.user_id, p.traceparent
        """,
        "UPDATE payments SET next_publish_at = now() + $2 WHERE id = ANY ($1::bigint[]) AND status || '' IN ('pending', 'processing')",
        ReadPayment);

    private static RelayedRow ReadTransaction(NpgsqlDataReader row)
    {
        var message = MessageRow.Read(row);
        return new(
            message.TransactionId, message.TransactionId, JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.TransactionMessage),
            message.CreatedAt.UtcDateTime, row.IsDBNull(6) ? null : row.GetString(6));
    }

    private static RelayedRow ReadPayment(NpgsqlDataReader row)
    {
        var message = new PaymentMessage(row.GetInt64(0), row.GetInt64(1));
        return new(
            message.PaymentId.ToString(CultureInfo.InvariantCulture), message.UserId.ToString(CultureInfo.InvariantCulture),
            JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.PaymentMessage), Timestamp: null, row.IsDBNull(2) ? null : row.GetString(2));
    }
}
