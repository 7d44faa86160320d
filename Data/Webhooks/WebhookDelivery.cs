namespace Data.Webhooks;

/// <summary>
/// A row of <c>webhook_deliveries</c>: one event for one endpoint, and how far that is. The worker claims those that are due with a lease and a fence: a claim
/// sets <see cref="ClaimedUntil"/> and raises <see cref="Claim"/>, and no index has either: a claim changes the row alone.
/// </summary>
public sealed class WebhookDelivery
{
    /// <summary>A UUID of version 7.</summary>
    public Guid Id { get; set; }

    /// <summary>The event.</summary>
    public Guid EventId { get; set; }

    /// <summary>The endpoint.</summary>
    public Guid EndpointId { get; set; }

    /// <summary>The event's type, for the log's filter.</summary>
    public required string EventType { get; set; }

    /// <summary>One of <see cref="DeliveryStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// How many of these attempts its present schedule has used: a retry by hand or a replay begins the schedule anew, and the attempts are all kept.
    /// </summary>
    public int Tries { get; set; }

    /// <summary>When it is sent, or sent again; null when it is delivered or failed.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>Until when a worker has it in hand; null while none has.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>Counts the claims: only the latest may write.</summary>
    public long Claim { get; set; }

    /// <summary>The last answer's HTTP status; null when there was no answer yet.</summary>
    public int? ResponseStatus { get; set; }

    /// <summary>Why the last attempt failed, one sentence; null when it did not.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>When it was made, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was delivered or given up; null while it is pending.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }
}

/// <summary>The values of <see cref="WebhookDelivery.Status"/>.</summary>
public static class DeliveryStatus
{
    /// <summary>It is sent, or sent again, when its time comes.</summary>
    public const string Pending = "pending";

    /// <summary>The receiver answered 2xx.</summary>
    public const string Delivered = "delivered";

    /// <summary>The last attempt of its schedule failed, or its endpoint was disabled.</summary>
    public const string Failed = "failed";

    /// <summary>Every status.</summary>
    public static IReadOnlyList<string> All { get; } = [Pending, Delivered, Failed];
}

/// <summary>A row of <c>webhook_attempts</c>: a delivery was sent once.</summary>
public sealed class WebhookAttempt
{
    /// <summary>The delivery.</summary>
    public Guid DeliveryId { get; set; }

    /// <summary>From 1.</summary>
    public int Number { get; set; }

    /// <summary>When it was sent, by the database's clock.</summary>
    public DateTimeOffset SentAt { get; set; }

    /// <summary>From the beginning of the request to the end of the answer, or to the failure, in milliseconds.</summary>
    public int DurationMs { get; set; }

    /// <summary>The answer's HTTP status; null when there was none.</summary>
    public int? ResponseStatus { get; set; }

    /// <summary>The first 1 KiB of the answer, as text; null when there was none.</summary>
    public string? ResponseBody { get; set; }

    /// <summary>Why it failed, one sentence; null when it did not.</summary>
    public string? ErrorMessage { get; set; }
}
