using System.Diagnostics;
using Contracts;
using Npgsql;
using NpgsqlTypes;

namespace Data.Webhooks;

/// <summary>
/// Writes events in the transaction that changes a resource, after the change: one statement a change, which costs no round trip of its own where the change is
/// a batch. It inserts nothing where no endpoint wants the event; an endpoint that is disabled still wants its events, they can be replayed. The event is in
/// the trace of the current activity, a payment's in the payment's.
/// </summary>
public static class NewEvents
{
    /// <summary>
    /// The condition that the endpoint <c>w</c> wants the event <c>e (type, customer_id)</c>. Without <c>event_types</c> it wants all but notices to operators.
    /// </summary>
    public const string Wants =
        $"""
        w.deleted_at IS NULL AND (w.customer_id IS NULL OR w.customer_id = e.customer_id)
            AND (e.type = ANY (w.event_types) OR (w.event_types = '{EmptyArray}' AND NOT starts_with(e.type, '{WebhookEvents.OperationsPrefix}')))
        """;

    /// <summary>The condition that any endpoint wants the event <c>e (type, customer_id)</c>.</summary>
    public const string IsWanted = $"EXISTS (SELECT FROM webhook_endpoints w WHERE {Wants})";

    /// <summary>What is inserted of each event <c>e (type, customer_id, resource_id, snapshot, traceparent)</c>.</summary>
    public const string Insert = "INSERT INTO webhook_events (id, type, customer_id, resource_id, snapshot, traceparent)";

    private const string EmptyArray = "{}";

    /// <summary>
    /// The same for one type of resources that have no customer, once a statement instead of once a row: an InitPlan. A statement that records 1,000
    /// transactions must not look 1,000 times.
    /// </summary>
    /// <param name="type">The event's type.</param>
    public static string IsWantedByAny(string type) =>
        $"""
        (SELECT EXISTS (
            SELECT FROM webhook_endpoints w
            WHERE w.deleted_at IS NULL AND w.customer_id IS NULL AND ('{type}' = ANY (w.event_types) OR w.event_types = '{EmptyArray}')))
        """;

    private const string OfCharge =
        $"""
        {Insert}
        SELECT uuid_v7(), e.type, e.customer_id, e.resource_id, e.snapshot, e.traceparent FROM (
            SELECT $2 AS type, c.customer_id, c.id::text AS resource_id, to_json(c) AS snapshot, $3 AS traceparent FROM charges c WHERE c.id = $1) AS e
        WHERE {IsWanted}
        """;

    private const string OfPayments =
        $"""
        {Insert}
        SELECT uuid_v7(), e.type, e.customer_id, e.resource_id, e.snapshot, e.traceparent FROM (
            SELECT CASE p.status WHEN 'success' THEN '{WebhookEvents.PaymentSucceeded}' ELSE '{WebhookEvents.PaymentFailed}' END AS type,
                NULL::text AS customer_id, p.id::text AS resource_id, to_json(p) AS snapshot, p.traceparent
            FROM payments p WHERE p.id = ANY ($1)) AS e
        WHERE {IsWanted}
        """;

    private const string OfInstallments =
        $"""
        {Insert}
        SELECT uuid_v7(), e.type, e.customer_id, e.resource_id, e.snapshot, e.traceparent FROM (
            SELECT c.type, o.customer_id, i.id::text AS resource_id, json_build_object('installment', to_json(i), 'currency', o.currency) AS snapshot,
                $3 AS traceparent
            FROM unnest($1, $2) AS c (id, type) JOIN installments i USING (id) JOIN installment_orders o ON o.id = i.order_id) AS e
        WHERE {IsWanted}
        """;

    private const string OfOrder =
        $"""
        {Insert}
        SELECT uuid_v7(), e.type, e.customer_id, e.resource_id, e.snapshot, e.traceparent FROM (
            SELECT $2 AS type, o.customer_id, o.id::text AS resource_id, $3 AS traceparent,
                json_build_object(
                    'order', to_json(o), 'installments', (SELECT json_agg(i ORDER BY i.number) FROM installments i WHERE i.order_id = o.id)) AS snapshot
            FROM installment_orders o WHERE o.id = $1) AS e
        WHERE {IsWanted}
        """;

    /// <summary>Something happened to a charge.</summary>
    /// <param name="chargeId">The charge, whose row the transaction has locked.</param>
    /// <param name="type">The event's type.</param>
    public static NpgsqlBatchCommand ToCharge(Guid chargeId, string type) => new(OfCharge)
    {
        Parameters = { new NpgsqlParameter<Guid> { TypedValue = chargeId }, Parameter.Text(type), Parameter.Text(Activity.Current?.Id) },
    };

    /// <summary>A charge has its outcome.</summary>
    public static NpgsqlBatchCommand ToSettledCharge(Guid chargeId, bool isSuccess) =>
        ToCharge(chargeId, isSuccess ? WebhookEvents.ChargeSucceeded : WebhookEvents.ChargeFailed);

    /// <summary>Payments have their outcome.</summary>
    /// <param name="paymentIds">Payments whose rows the transaction has locked and settled.</param>
    public static NpgsqlBatchCommand ToPayments(long[] paymentIds) => new(OfPayments)
    {
        Parameters = { Parameter.Array(paymentIds, NpgsqlDbType.Bigint) },
    };

    /// <summary>Something happened to installments of an order.</summary>
    /// <param name="changes">Each installment, whose order's row the transaction has locked, and the event's type.</param>
    public static NpgsqlBatchCommand ToInstallments(IReadOnlyCollection<(Guid InstallmentId, string Type)> changes) => new(OfInstallments)
    {
        Parameters =
        {
            Parameter.Array([.. changes.Select(change => change.InstallmentId)], NpgsqlDbType.Uuid),
            Parameter.Array([.. changes.Select(change => change.Type)], NpgsqlDbType.Text),
            Parameter.Text(Activity.Current?.Id),
        },
    };

    /// <summary>Something happened to an order of installments.</summary>
    /// <param name="orderId">The order, whose row the transaction has locked.</param>
    /// <param name="type">The event's type.</param>
    public static NpgsqlBatchCommand ToOrder(Guid orderId, string type) => new(OfOrder)
    {
        Parameters = { new NpgsqlParameter<Guid> { TypedValue = orderId }, Parameter.Text(type), Parameter.Text(Activity.Current?.Id) },
    };
}
