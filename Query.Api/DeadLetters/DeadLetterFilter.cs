using System.Globalization;
using Contracts;
using Query.Api.Parameters;

namespace Query.Api.DeadLetters;

/// <summary>Which dead letters a list shows.</summary>
/// <param name="Topic">Only those of this topic; null for all.</param>
/// <param name="Before">Only those with a smaller id: the cursor.</param>
/// <param name="Limit">At most so many, 1-200.</param>
internal sealed record DeadLetterFilter(string? Topic, long Before, int Limit)
{
    /// <summary>Reads the query parameters; where <paramref name="errors"/> names any, the filter is not to be used.</summary>
    public static DeadLetterFilter Read(IQueryCollection query, out Dictionary<string, string[]> errors)
    {
        var parameters = new QueryParameters(query);
        var topic = parameters.Take("topic", text => TopicNames.IsValid(text) ? text : null, $"must be a topic's name: {TopicNames.Allowed}");
        var limit = parameters.TakeLimit();
        var before = parameters.Take("cursor", Id, QueryParameters.CursorRule) ?? long.MaxValue;
        errors = parameters.Errors;
        return new(topic, before, limit);
    }

    // The last row's id as it is: the caller sees it anyway.
    private static long? Id(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
