using Data.Webhooks;

namespace Query.Api.Tests.Webhooks;

/// <summary>Puts endpoints, events, deliveries and attempts there as Ingest.Api and the worker would.</summary>
internal sealed class Hooks(Customers customers)
{
    private DateTimeOffset _last = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    public Hooks(string connectionString) : this(new Customers(connectionString))
    {
    }

    /// <summary>The JSON of a charge, as short as it can be for a payload of either style.</summary>
    public const string Charge =
        """
        {"id":"c","customer_id":"k","amount":1.50,"currency":"USD","status":"succeeded","payment_method":null,"external_charge_id":null,
        "split_instructions":[{"destination":"a","percent":100.0}],"metadata":{"n":1.0},"installment_id":null,"installment_order_id":null,"created_at":"t"}
        """;

    public async Task<Guid> AddEndpointAsync(string? customer, string style = PayloadStyle.Envelope, string? more = null)
    {
        var id = NextId();
        await customers.ExecuteAsync(
            """
            INSERT INTO webhook_endpoints (id, url, customer_id, event_types, payload_style, secret, previous_secret, created_at)
            VALUES ($1, 'https://receiver.example/' || $1, $2, '{charge.succeeded,charge.failed}', $3, 'kept-secret', 'kept-secret-before',
                timestamptz '2026-01-15T10:30:00.125Z')
            """,
            id, customer, style);
        if (more is not null) await customers.ExecuteAsync($"UPDATE webhook_endpoints SET {more} WHERE id = $1", id);
        return id;
    }

    /// <summary>An event that is fanned out, at the position that comes next.</summary>
    public async Task<Guid> AddEventAsync(
        string? customer, string type = "charge.succeeded", string data = Charge, string resource = "c", bool isFannedOut = true)
    {
        var id = NextId();
        await customers.ExecuteAsync(
            $"""
            INSERT INTO webhook_events (id, type, customer_id, resource_id, snapshot, data, position, created_at)
            VALUES ($1, $2, $3, $4, NULL, $5::json, {(isFannedOut ? "nextval('webhook_event_positions')" : "NULL")}, timestamptz '2026-01-15T10:30:05.25Z')
            """,
            id, type, customer, resource, data);
        return id;
    }

    /// <summary>A delivery of a new event, unless one is given; its time is a millisecond after the one before.</summary>
    public async Task<Guid> AddDeliveryAsync(
        Guid endpoint, string status = DeliveryStatus.Delivered, string type = "charge.succeeded", Guid? happened = null, string? customer = null)
    {
        var of = happened ?? await AddEventAsync(customer, type);
        var id = NextId();
        await customers.ExecuteAsync(
            """
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, attempts, tries, next_attempt_at, response_status, error_message,
                created_at, processed_at)
            VALUES ($1, $2, $3, $4, $5, 2, 1, CASE WHEN $5 = 'pending' THEN timestamptz '2026-01-15T10:35:00Z' END, 503, 'HTTP 503',
                timestamptz '2026-01-15T10:30:05.5Z', CASE WHEN $5 <> 'pending' THEN timestamptz '2026-01-15T10:30:06Z' END)
            """,
            id, of, endpoint, type, status);
        return id;
    }

    public Task AddAttemptAsync(Guid delivery, int number, int? status, string? body, string? error) => customers.ExecuteAsync(
        """
        INSERT INTO webhook_attempts (delivery_id, number, sent_at, duration_ms, response_status, response_body, error_message)
        VALUES ($1, $2, timestamptz '2026-01-15T10:30:05.5Z' + $2 * interval '1 s', 12, $3, $4, $5)
        """,
        delivery, number, status, body, error);

    public Task ExecuteAsync(string sql, params object?[] values) => customers.ExecuteAsync(sql, values);

    /// <summary>The time of the id that comes next, in the first 48 bits of it.</summary>
    public DateTimeOffset Now => _last.AddMilliseconds(1);

    private Guid NextId() => Guid.CreateVersion7(_last = _last.AddMilliseconds(1));
}
