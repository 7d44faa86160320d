using System.Globalization;
using System.Text.Json;
using Contracts;
using Data;
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
/// The claim is a lease and needs no transaction that waits for Kafka. A row with NULL as its first column is one that it is done with, and is not
/// published.
/// </param>
/// <param name="GiveBack">Makes the rows of $1 (text) due in $2, by their ids alone: the index of what is due may be large when Kafka is away.</param>
/// <param name="Read">Reads the reader's current row.</param>
internal sealed record RelayedTable(string Name, string Topic, string EventType, string Claim, string GiveBack, Func<NpgsqlDataReader, RelayedRow> Read)
{
    /// <summary>
    /// Transactions without an outcome, found by way of <see cref="TransactionOutbox"/>: of the rows of the outbox that are due, those whose transactions all
    /// have their outcome go, and the others wait until the first of theirs is due.
    /// </summary>
    public static RelayedTable Transactions { get; } = new(
        "transactions", Topics.Transactions, EventTypes.TransactionAccepted,
        $"""
        WITH looked AS (
            SELECT id, created_at FROM transaction_outbox WHERE look_at <= now() ORDER BY look_at LIMIT $1 FOR UPDATE SKIP LOCKED
        ), open AS (
            SELECT l.id, t.transaction_id, t.next_publish_at
            FROM looked l CROSS JOIN LATERAL (SELECT * FROM transactions WHERE created_at = l.created_at AND status = 'PROCESSING' OFFSET 0) AS t
        ), claimed AS (
            UPDATE transactions AS t SET next_publish_at = {NextDate("60 s")}
            FROM (
                SELECT transaction_id FROM transactions
                WHERE transaction_id IN (SELECT transaction_id FROM open WHERE next_publish_at <= now() ORDER BY next_publish_at LIMIT $1)
                    AND status = 'PROCESSING' AND next_publish_at <= now()
                FOR UPDATE SKIP LOCKED) AS due
            WHERE t.transaction_id = due.transaction_id
            RETURNING t.transaction_id, t.source_account, t.destination_account, t.amount, t.currency, t.created_at, t.traceparent, t.next_publish_at
        ), waiting AS (
            SELECT o.id, min(coalesce(c.next_publish_at, o.next_publish_at)) AS look_at FROM open o LEFT JOIN claimed c USING (transaction_id) GROUP BY o.id
        ), kept AS (
            UPDATE transaction_outbox AS o SET look_at = w.look_at FROM waiting w WHERE o.id = w.id
        ), over AS (
            DELETE FROM transaction_outbox WHERE id IN (SELECT id FROM looked EXCEPT SELECT id FROM waiting)
        )
        SELECT transaction_id, source_account, destination_account, amount, currency, created_at, traceparent FROM claimed
        UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM looked WHERE id NOT IN (SELECT id FROM waiting WHERE look_at <= now())
        """,
        $"""
        WITH back AS (
            UPDATE transactions SET next_publish_at = now() + $2 WHERE transaction_id = ANY ($1) AND status = 'PROCESSING'
            RETURNING created_at, next_publish_at, status
        )
        {TransactionOutbox.AddFrom("back")}
        """,
        ReadTransaction);

    /// <summary>Payments that are not settled and due: a retry, a question to the bank, a lease that has ended.</summary>
    public static RelayedTable Payments { get; } = new(
        "payments", Topics.Payments, EventTypes.PaymentDue,
        ClaimOf("payments", id: "id", isOpen: "processed_at IS NULL", atLeast: "15 s", "t.id, t.user_id, t.traceparent"),
        "UPDATE payments SET next_publish_at = now() + $2 WHERE id = ANY ($1::bigint[]) AND status || '' IN ('pending', 'processing')",
        ReadPayment);

    /// <summary>Stripe requests that are not answered and due: a retry, a lease that has ended, a charge that the worker itself made.</summary>
    public static RelayedTable StripeRequests { get; } = new(
        "stripe_requests", Topics.Charges, EventTypes.ChargeDue,
        ClaimOf("stripe_requests", id: "id", isOpen: "answered_at IS NULL", atLeast: "15 s", "t.id, t.customer_id, t.traceparent"),
        "UPDATE stripe_requests SET next_publish_at = now() + $2 WHERE id = ANY ($1::uuid[]) AND coalesce(answered_at, 'infinity') = 'infinity'",
        ReadStripeRequest);

    /// <summary>
    /// Endpoints with deliveries that are due: retries, and what nobody has announced. At most every 2 s each, since a turn that has begun takes all that is
    /// due.
    /// </summary>
    public static RelayedTable WebhookEndpoints { get; } = new(
        "webhook_endpoints", Topics.Deliveries, EventTypes.DeliveriesDue,
        """
        UPDATE webhook_endpoints AS t SET next_publish_at = now() + interval '2 s'
        FROM (
            SELECT id FROM webhook_endpoints e
            WHERE deleted_at IS NULL AND disabled_at IS NULL AND next_publish_at <= now()
                AND EXISTS (
                    SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.next_attempt_at <= now()
                        AND coalesce(d.claimed_until <= now(), true))
            ORDER BY next_publish_at LIMIT $1
            FOR UPDATE SKIP LOCKED) AS due
        WHERE t.id = due.id
        RETURNING t.id
        """,
        "UPDATE webhook_endpoints SET next_publish_at = now() + $2 WHERE id = ANY ($1::uuid[])",
        ReadEndpoint)
    {
        IsRoutine = true,
    };

    /// <summary>Whether publishing is how its work goes on, and not a sign of something lost: it is logged for debugging alone.</summary>
    public bool IsRoutine { get; private init; }

    /// <summary>One rule for all others: the rows that are due the longest, whose next date doubles with their age.</summary>
    private static string ClaimOf(string table, string id, string isOpen, string atLeast, string returning) =>
        $"""
        UPDATE {table} AS t
        SET next_publish_at = {NextDate(atLeast)}
        FROM (
            SELECT {id} FROM {table}
            WHERE {isOpen} AND next_publish_at <= now()
            ORDER BY next_publish_at LIMIT $1
            FOR UPDATE SKIP LOCKED) AS due
        WHERE t.{id} = due.{id}
        RETURNING {returning}
        """;

    private static string NextDate(string atLeast) => $"now() + least(greatest(now() - t.created_at, interval '{atLeast}'), interval '1 h')";

    private static RelayedRow ReadEndpoint(NpgsqlDataReader row)
    {
        var message = new DeliveryMessage(row.GetGuid(0));
        return new(
            $"{message.EndpointId}", $"{message.EndpointId}", JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.DeliveryMessage),
            Timestamp: null, TraceParent: null);
    }

    private static RelayedRow ReadStripeRequest(NpgsqlDataReader row)
    {
        var message = new ChargeMessage(row.GetGuid(0), row.GetString(1));
        return new(
            $"{message.StripeRequestId}", message.CustomerId, JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.ChargeMessage), Timestamp: null,
            row.TextOrNull(2));
    }

    private static RelayedRow ReadTransaction(NpgsqlDataReader row)
    {
        var message = MessageRow.Read(row);
        return new(
            message.TransactionId, message.TransactionId, JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.TransactionMessage),
            message.CreatedAt.UtcDateTime, row.TextOrNull(6));
    }

    private static RelayedRow ReadPayment(NpgsqlDataReader row)
    {
        var message = new PaymentMessage(row.GetInt64(0), row.GetInt64(1));
        return new(
            message.PaymentId.ToString(CultureInfo.InvariantCulture), message.UserId.ToString(CultureInfo.InvariantCulture),
            JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.PaymentMessage), Timestamp: null, row.TextOrNull(2));
    }
}
