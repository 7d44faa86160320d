using System.Buffers;
using System.Globalization;
using Query.Api.Parameters;

namespace Query.Api.DeadLetters;

/// <summary>Which dead letters a list shows.</summary>
/// <param name="Topic">Only those of this topic; null for all.</param>
/// <param name="Before">Only those with a smaller id: the cursor.</param>
/// <param name="Limit">At most so many, 1-200.</param>
internal sealed record DeadLetterFilter(string? Topic, long Before, int Limit)
{
    public const int MaxLimit = 200;
    public const int DefaultLimit = 50;

    /// <summary>Kafka's own limit.</summary>
    public const int MaxTopicLength = 249;

    public const string TopicPattern = "^[A-Za-z0-9._-]+$";

    private static readonly SearchValues<char> TopicCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Reads the query parameters; where <paramref name="errors"/> names any, the filter is not to be used.</summary>
    public static DeadLetterFilter Read(IQueryCollection query, out Dictionary<string, string[]> errors)
    {
        var parameters = new QueryParameters(query);
        var topic = parameters.Take("topic", text => IsTopic(text) ? text : null, $"must be a topic's name: 1-{MaxTopicLength} characters of A-Z, a-z, 0-9 and . _ -");
        var limit = parameters.TakeLimit(DefaultLimit, MaxLimit);
        var before = parameters.Take("cursor", Id, QueryParameters.CursorRule) ?? long.MaxValue;
        errors = parameters.Errors;
        return new(topic, before, limit);
    }

    private static bool IsTopic(string text) => text.Length <= MaxTopicLength && !text.AsSpan().ContainsAnyExcept(TopicCharacters);

    // The last row's id as it is: the caller sees it anyway.
    private static long? Id(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
