using System.ComponentModel;
using System.Text.Json;
using Contracts;
using Ingest.Api.Json;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary>Which dead letters are to be sent again.</summary>
/// <param name="Topic">Those of this topic.</param>
/// <param name="Reason">Only those with this reason; null for all.</param>
internal sealed record RedriveSelection(string Topic, string? Reason)
{
    private const string TopicRule = $"must be a topic's name, such as transactions: {TopicNames.Allowed}";

    /// <summary>The body as the documentation shows it.</summary>
    internal sealed record RedriveAllRequest(
        [property: Description("Those that came from this topic, such as transactions.")] string Topic,
        [property: Description("Only those with this reason, such as undecodable.")] string? Reason);

    public static async Task<(RedriveSelection? Selection, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, cancellationToken);
        if (problem is not null) return (null, problem);
        var errors = new Dictionary<string, string[]>();
        var topic = NameIn(body, "topic");
        var reason = NameIn(body, "reason");
        if (topic is null) errors["topic"] = [body?.TryGetProperty("topic", out _) == true ? $"topic {TopicRule}" : $"topic is missing; it {TopicRule}"];
        if (reason is null && body?.TryGetProperty("reason", out var given) == true && given.ValueKind != JsonValueKind.Null)
            errors["reason"] = ["reason must be a dead letter's reason, such as undecodable; leave it out for all"];
        return errors.Count > 0 ? (null, Problem.Invalid(errors)) : (new(topic!, reason), null);
    }

    // A reason has the characters of a topic's name, and is shorter.
    private static string? NameIn(JsonElement? body, string member) =>
        body?.TryGetProperty(member, out var element) == true && element.Text() is { } text && TopicNames.IsValid(text) ? text : null;
}
