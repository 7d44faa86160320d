using System.Text.Json.Nodes;

namespace Portal.Web.Webhooks;

/// <summary>What the forms that make and change an endpoint send.</summary>
public sealed class EndpointForm
{
    /// <summary>The Idempotency-Key.</summary>
    public string? Key { get; set; }

    /// <summary>Where events are sent to.</summary>
    public string? Url { get; set; }

    /// <summary>The customer whose events it gets; only operators choose it.</summary>
    public string? CustomerId { get; set; }

    /// <summary>The owner's text.</summary>
    public string? Description { get; set; }

    /// <summary>envelope or flat.</summary>
    public string? PayloadStyle { get; set; }

    /// <summary>The types; none for all that happens to resources.</summary>
    public List<string>? EventTypes { get; set; }

    /// <summary>The form that shows an endpoint as it is.</summary>
    public static EndpointForm Of(WebhookEndpoint endpoint) => new()
    {
        Url = endpoint.Url,
        Description = endpoint.Description,
        PayloadStyle = endpoint.PayloadStyle,
        EventTypes = [.. endpoint.EventTypes],
    };

    /// <summary>The body that makes an endpoint.</summary>
    /// <param name="isForOperators">Whether the customer is chosen here. For a consumer it is the link's.</param>
    internal JsonObject ToCreate(bool isForOperators)
    {
        var body = new JsonObject { ["url"] = Url?.Trim(), ["event_types"] = Array(EventTypes), ["description"] = Text(Description) };
        if (PayloadStyle is { Length: > 0 }) body["payload_style"] = PayloadStyle;
        if (isForOperators && Text(CustomerId) is { } customer) body["customer_id"] = customer;
        return body;
    }

    /// <summary>
    /// The body that changes an endpoint: only what is different. An unchanged URL is not judged again, so that its name need not resolve now.
    /// </summary>
    internal JsonObject ToChange(WebhookEndpoint before)
    {
        var body = new JsonObject();
        if (Url?.Trim() != before.Url) body["url"] = Url?.Trim();
        if (Text(Description) != Text(before.Description)) body["description"] = Text(Description);
        if (PayloadStyle is { Length: > 0 } && PayloadStyle != before.PayloadStyle) body["payload_style"] = PayloadStyle;
        if (!(EventTypes ?? []).Order().SequenceEqual(before.EventTypes.Order())) body["event_types"] = Array(EventTypes);
        return body;
    }

    private static JsonArray Array(List<string>? types) => [.. (types ?? []).Select(type => (JsonNode)type)];

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
