using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json.Serialization;
using Contracts;
using Npgsql;

namespace Data.Webhooks;

/// <summary>A delivery as callers see it: in the log, and when it is tested or sent again.</summary>
/// <param name="Id">A UUID.</param>
/// <param name="EventId">The event's id outside, <c>evt_...</c>.</param>
/// <param name="EventType">One of <see cref="WebhookEvents.All"/>.</param>
/// <param name="EndpointId">The endpoint, a UUID.</param>
/// <param name="Url">Where the endpoint is now.</param>
/// <param name="Status">One of <see cref="DeliveryStatus"/>.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="ResponseStatus">The last answer's HTTP status; null when there was no answer yet.</param>
/// <param name="ErrorMessage">Why the last attempt failed, one sentence; null when it did not.</param>
/// <param name="Payload">The body that is sent, JSON.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="NextAttemptAt">When it is sent, or sent again, UTC; null when it is delivered or failed.</param>
/// <param name="ProcessedAt">When it was delivered or given up, UTC; null while it is pending.</param>
[DisplayName("WebhookDelivery")]
public sealed record DeliveryReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("The event's id: the header webhook-id of every attempt.")] string EventId,
    [property: Description("What happened (GET /webhooks/event-types).")] string EventType,
    [property: Description("The endpoint, a UUID.")] Guid EndpointId,
    [property: Description("Where the endpoint is now.")] string Url,
    [property: Description("pending until it is delivered (the receiver answered 2xx) or failed (the last attempt failed too).")]
    [property: AllowedValues(DeliveryStatus.Pending, DeliveryStatus.Delivered, DeliveryStatus.Failed)] string Status,
    [property: Description("How often it was sent.")] int Attempts,
    [property: Description("The last answer's HTTP status; null when there was no answer yet.")] int? ResponseStatus,
    [property: Description("Why the last attempt failed, one sentence; null when it did not.")] string? ErrorMessage,
    [property: Description("The body that is sent.")] KeptJson Payload,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt,
    [property: Description("When it is sent, or sent again, UTC; null when it is delivered or failed.")] DateTime? NextAttemptAt,
    [property: Description("When it was delivered or given up, UTC; null while it is pending.")] DateTime? ProcessedAt)
{
    /// <summary>Every time that it was sent, the first one first; null in lists, which leave it out.</summary>
    [Description("Only where one delivery is read: every time that it was sent, the first one first.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AttemptReply>? AttemptsLog { get; init; }

    /// <summary>Selects what <see cref="Read"/> reads; <c>d</c> is the delivery, <c>w</c> its endpoint, <c>e</c> its event. A WHERE may follow.</summary>
    public const string Select =
        """
        SELECT d.id, d.event_id, d.endpoint_id, w.url, w.payload_style, d.status, d.attempts, d.response_status, d.error_message, e.type, e.sequence, e.data,
            e.created_at, d.created_at, d.next_attempt_at, d.processed_at
        FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id JOIN webhook_events e ON e.id = d.event_id
        """;

    /// <summary>An example for the documents: a delivery that failed once and is sent again.</summary>
    public const string Example =
        """
        {"id":"019a6f70-5555-7c3d-9e4f-0a1b2c3d4e5f","event_id":"evt_019a6f6066667c3d9e4f0a1b2c3d4e5f","event_type":"payment.succeeded",
         "endpoint_id":"019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f","url":"https://shop.example/webhooks","status":"pending","attempts":1,"response_status":503,
         "error_message":"The receiver answered 503.",
         "payload":{"id":"evt_019a6f6066667c3d9e4f0a1b2c3d4e5f","type":"payment.succeeded","timestamp":"2026-01-15T10:30:05.130021Z","sequence":1042,
          "data":{"id":123,"user_id":1,"type":"deposit","status":"success","amount":"250.00","currency":"USD","bank_reference":"DEP-0A1B2C3D4E5F",
           "error_message":null,"description":"Rent","created_at":"2026-01-15T10:30:00.123456Z","updated_at":"2026-01-15T10:30:05.130021Z",
           "processed_at":"2026-01-15T10:30:05.130021Z"}},
         "created_at":"2026-01-15T10:30:05.2Z","next_attempt_at":"2026-01-15T10:30:11Z","processed_at":null}
        """;

    /// <summary>Reads the current row of a statement that begins with <see cref="Select"/>.</summary>
    public static DeliveryReply Read(NpgsqlDataReader row)
    {
        var happened = new WebhookEvent
        {
            Id = row.GetGuid(1),
            Type = row.GetString(9),
            ResourceId = "",
            Sequence = row.GetInt64(10),
            Data = row.GetString(11),
            CreatedAt = row.GetDateTime(12),
        };
        return new(
            row.GetGuid(0), EventBody.IdOf(happened.Id), happened.Type, row.GetGuid(2), row.GetString(3), row.GetString(5), row.GetInt32(6),
            row.IsDBNull(7) ? null : row.GetInt32(7), row.TextOrNull(8), PayloadOf(happened, row.GetString(4)), row.GetDateTime(13), row.TimeOrNull(14),
            row.TimeOrNull(15));
    }

    /// <summary>Shows rows of the tables.</summary>
    /// <param name="row">The delivery.</param>
    /// <param name="endpoint">Its endpoint.</param>
    /// <param name="happened">Its event, which is fanned out.</param>
    public static DeliveryReply Of(WebhookDelivery row, WebhookEndpoint endpoint, WebhookEvent happened) => new(
        row.Id, EventBody.IdOf(row.EventId), row.EventType, row.EndpointId, endpoint.Url, row.Status, row.Attempts, row.ResponseStatus, row.ErrorMessage,
        PayloadOf(happened, endpoint.PayloadStyle), row.CreatedAt.UtcDateTime, row.NextAttemptAt?.UtcDateTime, row.ProcessedAt?.UtcDateTime);

    private static KeptJson PayloadOf(WebhookEvent happened, string style) => new(Encoding.UTF8.GetString(EventBody.Of(happened, style)));
}

/// <summary>Source-generated JSON of deliveries; snake_case, with every member.</summary>
[JsonSerializable(typeof(DeliveryReply))]
[JsonSerializable(typeof(List<DeliveryReply>))]
public sealed partial class DeliveryJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static DeliveryJson Wire { get; } = new(WireJson.Options());
}
