using System.Text.Json;
using Contracts;
using Data.Webhooks;
using Ingest.Api.Requests;
using ServiceDefaults.Authentication;

namespace Ingest.Api.Webhooks;

/// <summary>The members of an endpoint in a body.</summary>
internal static class EndpointMembers
{
    /// <summary>More than there are types: each is kept once.</summary>
    private const int MaxTypes = 100;

    private const string StyleRule = $"must be {PayloadStyle.Envelope} or {PayloadStyle.Flat}";

    /// <summary>The URL; null, and refused, when it is missing or not acceptable.</summary>
    public static async Task<string?> UrlAsync(this JsonMembers members, EndpointUrl urls, CancellationToken cancellationToken)
    {
        if (members.Text("url", EndpointUrl.Rule, _ => true) is not { } url) return null;
        if (await urls.FaultOfAsync(url, cancellationToken) is not { } fault) return url;
        members.Refuse("url", fault);
        return null;
    }

    /// <summary>How payloads look; null when it is left out, or refused. JSON's null is refused: there is always a style.</summary>
    public static string? Style(this JsonMembers members) =>
        members.Find("payload_style") is null ? null : members.Text("payload_style", StyleRule, PayloadStyle.All.Contains);

    /// <summary>The types of events, each once; empty for null, which is all that happens to resources. Null when they are left out, or refused.</summary>
    /// <param name="members">The body.</param>
    /// <param name="caller">The types of notices to operators are named to administrators alone.</param>
    public static string[]? EventTypes(this JsonMembers members, WebhookCaller caller)
    {
        if (members.Find("event_types") is not { } member) return null;
        string?[] types = member.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array when member.GetArrayLength() <= MaxTypes => [.. member.EnumerateArray().Select(JsonMembers.TextOf)],
            _ => [null],
        };
        if (types.Contains(null))
        {
            members.Refuse("event_types", $"must be an array of at most {MaxTypes} event types, such as [\"charge.succeeded\"]; leave it out for all");
            return null;
        }

        if (types.FirstOrDefault(type => !WebhookEvents.All.Contains(type)) is { } unknown)
        {
            members.Refuse("event_types", $"has {StoredText.Clean(unknown, 64)}, which is no event type; {AllowedTo(caller)}");
            return null;
        }

        string[] known = [.. types.OfType<string>().Distinct()];
        members.Take("event_types", string.Join(' ', known.Order(StringComparer.Ordinal)));
        return known;
    }

    /// <summary>One type of events, that of a test; null when it is refused.</summary>
    public static string? TestType(this JsonMembers members, WebhookCaller caller) => members.Find("event_type") is { ValueKind: not JsonValueKind.Null }
        ? members.Text("event_type", $"must be an event type; {AllowedTo(caller)}", WebhookEvents.All.Contains)
        : WebhookEvents.ChargeSucceeded;

    /// <summary>Whether some of the types are notices to operators.</summary>
    public static bool AreForOperators(this IEnumerable<string> types) => types.Any(WebhookEvents.OfOperations.Contains);

    private static string AllowedTo(WebhookCaller caller) =>
        $"allowed are {string.Join(", ", caller.IsAdmin ? WebhookEvents.All : WebhookEvents.OfResources)}";
}
