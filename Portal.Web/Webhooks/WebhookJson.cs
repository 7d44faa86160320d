using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Web.Ui;

namespace Portal.Web.Webhooks;

/// <summary>An endpoint.</summary>
public sealed record WebhookEndpoint(
    string Id, string Url, string? CustomerId, IReadOnlyList<string> EventTypes, string? Description, string PayloadStyle, string Status,
    string? DisabledBecause, DateTimeOffset? FailingSince, DateTimeOffset? DisabledAt, DateTimeOffset? PreviousSecretUntil, DateTimeOffset CreatedAt)
{
    /// <summary>Whether nothing is sent to it.</summary>
    public bool IsDisabled => Status == "disabled";

    /// <summary>Why it is disabled, in words; null when it is not.</summary>
    public string? Why => DisabledBecause switch
    {
        null => null,
        "owner" => "Somebody switched it off.",
        "failing" => "For days it had nothing but failures.",
        "gone" => "Its receiver answered 410 Gone.",
        "receiver" => "Its receiver asked for it with webhook-delivery: disable.",
        _ => DisabledBecause,
    };
}

/// <summary>What creating an endpoint answers, of which only this is not shown anywhere else.</summary>
internal sealed record CreatedEndpoint(string Id, string Url, string Secret);

/// <summary>What rotating a secret answers.</summary>
internal sealed record RotatedSecret(string Secret, DateTimeOffset PreviousSecretUntil);

/// <summary>A time span of <see cref="EndpointStats"/>.</summary>
public sealed record StatsPoint(DateTimeOffset At, long Delivered, long Failed);

/// <summary>What an endpoint was sent in a window.</summary>
public sealed record EndpointStats(int BucketSeconds, long Delivered, long Failed, long Pending, IReadOnlyList<StatsPoint> Series)
{
    /// <summary>The figures as a sentence.</summary>
    public string Summary => FormattableString.Invariant($"{Delivered:N0} delivered, {Failed:N0} failed");
}

/// <summary>A delivery in the log. The payload is left out: lists do not show it.</summary>
internal sealed record Delivery(
    string Id, string EventId, string EventType, string EndpointId, string Url, string Status, int Attempts, int? ResponseStatus, string? ErrorMessage,
    DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? ProcessedAt);

/// <summary>One time that a delivery was sent.</summary>
public sealed record Attempt(int Number, DateTimeOffset SentAt, int? ResponseStatus, int DurationMs, string? ErrorMessage, string? ResponseBody)
{
    /// <summary>Whether the receiver took it.</summary>
    public bool IsTaken => ResponseStatus is >= 200 and < 300 && ErrorMessage is null;
}

/// <summary>A delivery with its payload and attempts.</summary>
public sealed record DeliveryDetail(
    string Id, string EventId, string EventType, string EndpointId, string Url, string Status, int Attempts, string? ErrorMessage, JsonElement Payload,
    DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? ProcessedAt, IReadOnlyList<Attempt>? AttemptsLog)
{
    /// <summary>Where the API has it.</summary>
    internal static string PathOf(string id) => $"/webhooks/{Query.Segment(id)}";
}

/// <summary>A type of events.</summary>
public sealed record EventType(string Type, string Description, JsonElement Example, JsonElement Schema);

/// <summary>What a replay answers.</summary>
internal sealed record ReplayResult(long Count, DateTimeOffset? NextSince);

/// <summary>What a bulk retry answers.</summary>
internal sealed record RetryResult(long Count, bool HasMore);

/// <summary>A link to a customer's pages.</summary>
internal sealed record PortalLink(string Url, DateTimeOffset ExpiresAt);

/// <summary>Source-generated JSON of webhooks; snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<WebhookEndpoint>))]
[JsonSerializable(typeof(CreatedEndpoint))]
[JsonSerializable(typeof(RotatedSecret))]
[JsonSerializable(typeof(EndpointStats))]
[JsonSerializable(typeof(List<Delivery>))]
[JsonSerializable(typeof(DeliveryDetail))]
[JsonSerializable(typeof(List<EventType>))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(RetryResult))]
[JsonSerializable(typeof(PortalLink))]
internal sealed partial class WebhookJson : JsonSerializerContext;
