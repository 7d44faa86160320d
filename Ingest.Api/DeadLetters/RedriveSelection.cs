using System.Buffers;
using System.ComponentModel;
using System.Text.Json;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary>Which dead letters are to be sent again.</summary>
/// <param name="Topic">Those of this topic.</param>
/// <param name="Reason">Only those with this reason; null for all.</param>
internal sealed record RedriveSelection(string Topic, string? Reason)
{
    /// <summary>Kafka's own limit for a topic's name; a reason is shorter.</summary>
    private const int MaxLength = 249;

    private const string TopicRule = "must be a topic's name, such as transactions: 1-249 characters of A-Z, a-z, 0-9 and . _ -";

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

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

    private static string? NameIn(JsonElement? body, string member) =>
        body?.TryGetProperty(member, out var element) == true && element.Text() is { Length: > 0 and <= MaxLength } text && !text.AsSpan().ContainsAnyExcept(Characters)
            ? text : null;
}
