using Data.Charges;
using Data.Installments;
using Data.Payments;
using Data.Transactions;
using Data.Webhooks;
using Data.Workers;

namespace Query.Api.Stats;

/// <summary>A kind of thing that is counted by status and by time.</summary>
/// <param name="Count">
/// Returns bucket, status and number of those of the window. $1 is the window's begin, $2 the length of a bucket.
/// </param>
/// <param name="OldestPending">An expression: the age in seconds of the oldest one without an outcome; NULL without one.</param>
/// <param name="Statuses">Every status.</param>
/// <param name="Succeeded">The status of those that succeeded.</param>
/// <param name="Failed">The status of those that failed.</param>
internal sealed record CountedKind(string Count, string OldestPending, IReadOnlyList<string> Statuses, string Succeeded, string Failed)
{
    public static CountedKind Transactions { get; } = new(
        CreatedIn("transactions"),
        """
        (SELECT extract(epoch FROM now() - o.created_at)
        FROM transaction_outbox o CROSS JOIN LATERAL (
            SELECT FROM transactions WHERE created_at = o.created_at AND status = 'PROCESSING' LIMIT 1) AS open
        ORDER BY o.created_at LIMIT 1)
        """,
        [TransactionStatus.Processing, TransactionStatus.Processed, TransactionStatus.Failed], TransactionStatus.Processed, TransactionStatus.Failed);

    public static CountedKind Payments { get; } = new(
        CreatedIn("payments"),

        // Among the first of the relay's index: a million may be open, and the oldest are among those that the relay publishes next.
        $"""
        (SELECT extract(epoch FROM now() - min(created_at)) FROM (
            SELECT created_at FROM payments WHERE processed_at IS NULL ORDER BY next_publish_at LIMIT {WorkTable.MaxCounted}) AS first)
        """,
        [PaymentStatus.Pending, PaymentStatus.Processing, PaymentStatus.Success, PaymentStatus.Failed], PaymentStatus.Success, PaymentStatus.Failed);

    // Ids grow with time, and the index has each status by id.
    public static CountedKind Charges { get; } = new(
        CreatedIn("charges"), "(SELECT extract(epoch FROM now() - created_at) FROM charges WHERE status = 'pending' ORDER BY id LIMIT 1)",
        ChargeStatus.All, ChargeStatus.Succeeded, ChargeStatus.Failed);

    // Counted when they fall due: one may be created years before. By the clock of due dates, which the sandbox moves, and shown at the time on the real one.
    public static CountedKind Installments { get; } = new(
        """
        SELECT date_bin($2, due_at - (SELECT business_now() - now()), $1), status, count(*) FROM installments
        WHERE due_at >= $1 + (SELECT business_now() - now()) AND due_at <= (SELECT business_now()) GROUP BY 1, 2
        """,
        "(SELECT extract(epoch FROM business_now() - min(next_attempt_at)) FROM installments WHERE next_attempt_at <= (SELECT business_now()))",
        [
            InstallmentStatus.Pending, InstallmentStatus.Processing, InstallmentStatus.Paid, InstallmentStatus.Overdue, InstallmentStatus.Failed,
            InstallmentStatus.Cancelled,
        ],
        InstallmentStatus.Paid, InstallmentStatus.Failed);

    // Ids are of version 7, so those of the window are a range of the primary key. What waits for its next attempt is not late: only what is due has an age.
    public static CountedKind Webhooks { get; } = new(
        """
        SELECT date_bin($2, created_at, $1), status, count(*) FROM webhook_deliveries
        WHERE id >= rpad(lpad(to_hex(floor(extract(epoch FROM $1) * 1000)::bigint), 12, '0'), 32, '0')::uuid AND created_at >= $1 GROUP BY 1, 2
        """,
        """
        (SELECT extract(epoch FROM now() - min(first.next_attempt_at)) FROM webhook_endpoints w CROSS JOIN LATERAL (
            SELECT next_attempt_at FROM webhook_deliveries
            WHERE endpoint_id = w.id AND status = 'pending' ORDER BY next_attempt_at LIMIT 1) AS first)
        """,
        DeliveryStatus.All, DeliveryStatus.Delivered, DeliveryStatus.Failed);

    private static string CreatedIn(string table) =>
        $"SELECT date_bin($2, created_at, $1), status, count(*) FROM {table} WHERE created_at >= $1 GROUP BY 1, 2";
}
