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
/// The claim is a lease and needs no transaction that waits for Kafka.
/// </param>
/// <param name="GiveBack">Makes the rows of $1 (text) due in $2, by their ids alone: the index of what is due may be large when Kafka is away.</param>
/// <param name="Read">Reads the reader's current row.</param>
internal sealed record RelayedTable(string Name, string Topic, string EventType, string Claim, string GiveBack, Func<NpgsqlDataReader, RelayedRow> Read)
{
    /// <summary>Transactions without an outcome.</summary>
    public static RelayedTable Transactions { get; } = new(
        "transactions", Topics.Transactions, EventTypes.TransactionAccepted,
        ClaimOf(
            "transactions", id: "transaction_id", isOpen: "status = 'PROCESSING'", atLeast: "60 s",
            "t.transaction_id, t.source_account, t.destination_account, t.amount, t.currency, t.created_at, t.traceparent"),
        // By id alone: as RecordOutcomes.
        "UPDATE transactions SET next_publish_at = now() + $2 WHERE transaction_id = ANY ($1) AND status || '' = 'PROCESSING'",
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
        SET next_publish_at = now() + least(greatest(now() - t.created_at, interval '{atLeast}'), interval '1 h')
        FROM (
            SELECT {id} FROM {table}
            WHERE {isOpen} AND next_publish_at <= now()
            ORDER BY next_publish_at LIMIT $1
            FOR UPDATE SKIP LOCKED) AS due
        WHERE t.{id} = due.{id}
        RETURNING {returning}
        """;

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
