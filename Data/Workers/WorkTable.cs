using Contracts;

namespace Data.Workers;

/// <summary>A table whose rows are work for the workers, and how to see that they are behind. Each capability adds its own to <see cref="All"/>.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Topic">The topic of its records; null where the workers find the rows by polling.</param>
/// <param name="IsCritical">Whether work that is far behind makes /health/worker UNHEALTHY; otherwise DEGRADED.</param>
/// <param name="Overdue">
/// Returns one row: how many rows are due and nobody has taken, up to <see cref="MaxCounted"/>, and for how many seconds the oldest of them. It reads no more
/// rows than it counts, however many are open: it runs every two seconds.
/// </param>
public sealed record WorkTable(string Name, string? Topic, bool IsCritical, string Overdue)
{
    /// <summary>The most rows that are counted as overdue.</summary>
    public const int MaxCounted = 10_000;

    /// <summary>
    /// Transactions. Their records wait in the workers' memory; a row is overdue once the relay has to publish it again. Of the commits that the relay looks at
    /// next it reads every row until it has counted enough.
    /// </summary>
    private static WorkTable Transactions { get; } = new(
        "transactions", Topics.Transactions, IsCritical: true,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(next_publish_at)), 0)::float8 FROM (
            SELECT t.next_publish_at
            FROM (
                SELECT created_at, min(look_at) AS look_at FROM (
                    SELECT created_at, look_at FROM transaction_outbox WHERE look_at <= now() ORDER BY look_at LIMIT {MaxCounted}) AS first
                GROUP BY created_at) AS o
            CROSS JOIN LATERAL (
                SELECT next_publish_at FROM transactions
                WHERE created_at = o.created_at AND status = 'PROCESSING' AND next_publish_at <= now() LIMIT {MaxCounted}) AS t
            ORDER BY o.look_at LIMIT {MaxCounted}) AS overdue
        """);

    /// <summary>
    /// Payments. A slow bank makes them late without a fault of the workers. Those that are due are among the first that the relay would publish, so a bounded
    /// part of its index is enough.
    /// </summary>
    private static WorkTable Payments { get; } = new(
        "payments", Topics.Payments, IsCritical: false,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 FROM (
            SELECT due_at FROM payments WHERE processed_at IS NULL ORDER BY next_publish_at LIMIT {MaxCounted}) AS first
        WHERE due_at <= now()
        """);

    /// <summary>Stripe requests of charges and refunds. As payments: Stripe may be slow or away without a fault of the workers.</summary>
    private static WorkTable StripeRequests { get; } = new(
        "stripe_requests", Topics.Charges, IsCritical: false,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 FROM (
            SELECT due_at FROM stripe_requests WHERE answered_at IS NULL ORDER BY next_publish_at LIMIT {MaxCounted}) AS first
        WHERE due_at <= now()
        """);

    /// <summary>Installments that are due by the business clock; those that a worker has claimed do not count. The first ones by date are enough.</summary>
    private static WorkTable Installments { get; } = new(
        "installments", Topic: null, IsCritical: false,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM business_now() - min(next_attempt_at)), 0)::float8 FROM (
            SELECT next_attempt_at, claimed_until FROM installments WHERE next_attempt_at <= business_now()
            ORDER BY next_attempt_at LIMIT {MaxCounted}) AS due
        WHERE claimed_until IS NULL OR claimed_until <= now()
        """);

    /// <summary>Events that are not fanned out: that takes milliseconds.</summary>
    private static WorkTable WebhookEvents { get; } = new(
        "webhook_events", Topic: null, IsCritical: false,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM (
            SELECT created_at FROM webhook_events WHERE position IS NULL ORDER BY sequence LIMIT {MaxCounted}) AS waiting
        """);

    /// <summary>Webhooks that are due and not claimed, of endpoints that get any. A slow receiver makes its own late without a fault of the workers.</summary>
    private static WorkTable WebhookDeliveries { get; } = new(
        "webhook_deliveries", Topics.Deliveries, IsCritical: false,
        $"""
        SELECT count(*)::int, coalesce(extract(epoch FROM now() - min(due)), 0)::float8 FROM (
            SELECT d.next_attempt_at AS due
            FROM webhook_endpoints e CROSS JOIN LATERAL (
                SELECT next_attempt_at FROM webhook_deliveries
                WHERE endpoint_id = e.id AND status = 'pending' AND next_attempt_at <= now() AND coalesce(claimed_until <= now(), true)
                ORDER BY next_attempt_at LIMIT {MaxCounted}) AS d
            WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL LIMIT {MaxCounted}) AS overdue
        """);

    /// <summary>Every table of work.</summary>
    public static IReadOnlyList<WorkTable> All { get; } = [Transactions, Payments, StripeRequests, Installments, WebhookEvents, WebhookDeliveries];
}
