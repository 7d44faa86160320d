namespace Data.Webhooks;

/// <summary>A row of <c>webhook_endpoints</c>: where outbound webhooks are sent to, and which.</summary>
public sealed class WebhookEndpoint
{
    /// <summary>The longest URL, in characters.</summary>
    public const int MaxUrlLength = 2048;

    /// <summary>A UUID of version 7.</summary>
    public Guid Id { get; set; }

    /// <summary>An absolute http or https URL, at most <see cref="MaxUrlLength"/> characters.</summary>
    public required string Url { get; set; }

    /// <summary>Only this customer's events; null for everybody's.</summary>
    public string? CustomerId { get; set; }

    /// <summary>Only events of these types, some of <see cref="Contracts.WebhookEvents.All"/>; empty for all that happens to resources.</summary>
    public string[] EventTypes { get; set; } = [];

    /// <summary>The owner's text; null without one.</summary>
    public string? Description { get; set; }

    /// <summary>One of <see cref="PayloadStyle"/>.</summary>
    public required string PayloadStyle { get; set; }

    /// <summary>The secret that signs, encrypted by <see cref="EndpointSecrets"/>.</summary>
    public required string Secret { get; set; }

    /// <summary>The secret before the last rotation, encrypted; null for none. It signs too until <see cref="PreviousSecretUntil"/>.</summary>
    public string? PreviousSecret { get; set; }

    /// <summary>When the previous secret ends; null for none.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; set; }

    /// <summary>The first failure since the last delivery that succeeded; null when the last one did.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>When it was disabled; null while it gets deliveries.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>Why it was disabled, one of <see cref="DisabledReason"/>; null while it is not.</summary>
    public string? DisabledBecause { get; set; }

    /// <summary>When the relay looks again for deliveries that are due and that no record announced.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>When it was created, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When its owner last changed it; null until then.</summary>
    public DateTimeOffset? UpdatedAt { get; set; }

    /// <summary>When it was deleted; the row stays, since the log names its URL. Null while it is there.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
}

/// <summary>How an endpoint's payloads look.</summary>
public static class PayloadStyle
{
    /// <summary><c>{"id","type","timestamp","sequence","data"}</c>, as Standard Webhooks recommends.</summary>
    public const string Envelope = "envelope";

    /// <summary>Events of charges as one flat object: what receivers of WEBHOOK_URLS expect. Other events as <see cref="Envelope"/>.</summary>
    public const string Flat = "flat";

    /// <summary>Every style.</summary>
    public static IReadOnlyList<string> All { get; } = [Envelope, Flat];
}

/// <summary>Why an endpoint is disabled: the values of <see cref="WebhookEndpoint.DisabledBecause"/>.</summary>
public static class DisabledReason
{
    /// <summary>Its owner said so.</summary>
    public const string Owner = "owner";

    /// <summary>Nothing but failures for 5 days.</summary>
    public const string Failing = "failing";

    /// <summary>Its receiver answered 410 Gone.</summary>
    public const string Gone = "gone";

    /// <summary>Its receiver answered with the header <c>webhook-delivery: disable</c>.</summary>
    public const string Receiver = "receiver";
}
