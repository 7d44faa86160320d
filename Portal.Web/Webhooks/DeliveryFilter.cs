using System.Text.Json.Nodes;
using Portal.Web.Ui;

namespace Portal.Web.Webhooks;

/// <summary>Which deliveries a page shows, as its URL says it.</summary>
/// <param name="EventType">The type; null for all.</param>
/// <param name="Status">The status; null for all.</param>
/// <param name="EndpointId">The endpoint; null for all.</param>
/// <param name="Range">A time range's name; null for all.</param>
/// <param name="From">Made at this time or later, as its field says it; it goes before the range.</param>
/// <param name="To">Made before this time.</param>
public sealed record DeliveryFilter(string? EventType, string? Status, string? EndpointId, string? Range, string? From, string? To)
{
    /// <summary>The page's address with this filter.</summary>
    internal string Of(string path) => Query.Of(
        path, ("event_type", EventType), ("status", Status), ("endpoint_id", EndpointId), ("range", Range), ("from", From), ("to", To));

    /// <summary>Path and query of the API.</summary>
    internal string ToApi(DateTimeOffset now) => Query.Of(
        "/webhooks", ("event_type", EventType), ("status", Status), ("endpoint_id", EndpointId), ("from", FromAt(now)), ("to", UtcText.ToApi(To)));

    /// <summary>The body of a bulk retry of what the filter shows; without a status, of what failed.</summary>
    internal JsonObject ToRetry(string? from, bool isDryRun)
    {
        var body = new JsonObject { ["dry_run"] = isDryRun };
        foreach (var (name, value) in new[]
        {
            ("event_type", EventType), ("status", Status), ("endpoint_id", EndpointId), ("from", from), ("to", UtcText.ToApi(To)),
        })
            if (!string.IsNullOrEmpty(value)) body[name] = value;
        return body;
    }

    /// <summary>The begin, as the API takes it; null for none.</summary>
    internal string? FromAt(DateTimeOffset now) => UtcText.ToApi(From) ?? TimeRange.From(Range, now);
}
