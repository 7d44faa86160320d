using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;

namespace Data.Webhooks;

/// <summary>An endpoint as its owner sees it: when it is made, changed and read. Its secret is not in it: a secret is shown once, when it is made.</summary>
/// <param name="Id">A UUID.</param>
/// <param name="Url">Where its events are sent to.</param>
/// <param name="CustomerId">Whose events it gets; null for everybody's.</param>
/// <param name="EventTypes">Which events it gets, some of <see cref="WebhookEvents.All"/>; empty for all that happens to resources.</param>
/// <param name="Description">The owner's text; null without one.</param>
/// <param name="PayloadStyle">One of <see cref="Webhooks.PayloadStyle"/>.</param>
/// <param name="Status">One of <see cref="EndpointStatus"/>.</param>
/// <param name="DisabledBecause">One of <see cref="DisabledReason"/>; null while it is not disabled.</param>
/// <param name="FailingSince">The first failure since the last delivery that succeeded, UTC; null when the last one did.</param>
/// <param name="DisabledAt">When it was disabled, UTC; null while it is not.</param>
/// <param name="PreviousSecretUntil">Until when the secret before the last rotation signs too, UTC; null when there was none.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When its owner last changed it, UTC; null until then.</param>
[DisplayName("WebhookEndpoint")]
public sealed record EndpointReply(
    [property: Description("A UUID.")] Guid Id,
    [property: Description("Where its events are sent to, an http or https URL."), MaxLength(WebhookEndpoint.MaxUrlLength)] string Url,
    [property: Description("Only this customer's events; null for everybody's."), RegularExpression(Ids.Pattern), MaxLength(Ids.MaxLength)]
    string? CustomerId,
    [property: Description("Only events of these types; empty for all that happens to resources (GET /webhooks/event-types).")]
    IReadOnlyList<string> EventTypes,
    [property: Description("Its owner's text; null without one.")] string? Description,
    [property: Description("How payloads look: envelope, or flat for charges' events as receivers of WEBHOOK_URLS expect them.")]
    [property: AllowedValues(Webhooks.PayloadStyle.Envelope, Webhooks.PayloadStyle.Flat)] string PayloadStyle,
    [property: Description("enabled; failing while its last delivery failed (it still gets all of them); disabled while it gets none.")]
    [property: AllowedValues(EndpointStatus.Enabled, EndpointStatus.Failing, EndpointStatus.Disabled)] string Status,
    [property: Description("owner: it was said so; failing: nothing but failures for days; gone: its receiver answered 410; receiver: it answered "
        + "`webhook-delivery: disable`; null while it is not disabled.")]
    [property: AllowedValues(DisabledReason.Owner, DisabledReason.Failing, DisabledReason.Gone, DisabledReason.Receiver)] string? DisabledBecause,
    [property: Description("The first failure since the last delivery that succeeded, UTC; null when the last one did.")] DateTime? FailingSince,
    [property: Description("When it was disabled, UTC; null while it is not.")] DateTime? DisabledAt,
    [property: Description("Until when the secret before the last rotation signs too, UTC; null when there was none.")] DateTime? PreviousSecretUntil,
    [property: Description("When it was made, UTC.")] DateTime CreatedAt,
    [property: Description("When its owner last changed it, UTC; null until then.")] DateTime? UpdatedAt)
{
    /// <summary>Shows a row of the table.</summary>
    public static EndpointReply Of(WebhookEndpoint row) => new(
        row.Id, row.Url, row.CustomerId, row.EventTypes, row.Description, row.PayloadStyle, EndpointStatus.Of(row), row.DisabledBecause,
        row.FailingSince?.UtcDateTime, row.DisabledAt?.UtcDateTime, row.PreviousSecretUntil?.UtcDateTime, row.CreatedAt.UtcDateTime,
        row.UpdatedAt?.UtcDateTime);

    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"id":"019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f","url":"https://shop.example/webhooks","customer_id":"cust_42",
         "event_types":["charge.succeeded","charge.failed"],"description":"The shop","payload_style":"envelope","status":"enabled","disabled_because":null,
         "failing_since":null,"disabled_at":null,"previous_secret_until":null,"created_at":"2026-01-15T10:30:00.123456Z","updated_at":null}
        """;
}

/// <summary>How an endpoint does: the values of <see cref="EndpointReply.Status"/>.</summary>
public static class EndpointStatus
{
    /// <summary>It gets its events, and its last delivery succeeded.</summary>
    public const string Enabled = "enabled";

    /// <summary>It gets its events, and its last delivery failed.</summary>
    public const string Failing = "failing";

    /// <summary>It gets none; its events are kept and can be replayed.</summary>
    public const string Disabled = "disabled";

    /// <summary>An endpoint's.</summary>
    public static string Of(WebhookEndpoint row) => row.DisabledAt is not null ? Disabled : row.FailingSince is not null ? Failing : Enabled;
}

/// <summary>Source-generated JSON of endpoints; snake_case, with every member.</summary>
[JsonSerializable(typeof(EndpointReply))]
[JsonSerializable(typeof(List<EndpointReply>))]
public sealed partial class EndpointJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static EndpointJson Wire { get; } = new(WireJson.Options());
}
