using System.Globalization;

namespace Query.Api.Parameters;

/// <summary>
/// Reads query parameters and notes what is wrong with them. An empty one counts as none (<c>?status=&amp;limit=10</c>), and unknown ones are ignored.
/// </summary>
internal sealed class QueryParameters(IQueryCollection query)
{
    /// <summary>What to say of a cursor that is none.</summary>
    public const string CursorRule = "is not a cursor of ours: send next_cursor of the page before as it is, or leave it out for the first page";

    /// <summary>Parameter -> what is allowed, of those that are not acceptable.</summary>
    public Dictionary<string, string[]> Errors { get; } = [];

    /// <summary>The parameter as <paramref name="read"/> reads it; default when it is not there, or is not acceptable, which is noted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="read">Null for what is not acceptable.</param>
    /// <param name="rule">What is allowed, to be read after the name.</param>
    public T? Take<T>(string name, Func<string, T?> read, string rule)
    {
        var values = query[name];
        if (values.Count > 1) Errors[name] = [$"{name} came {values.Count} times; send it once"];
        if (values is not [{ Length: > 0 } text]) return default;
        if (read(text) is { } value) return value;
        Errors[name] = [$"{name} {rule}"];
        return default;
    }

    /// <summary>How many a page has at most: <c>limit</c>.</summary>
    public int TakeLimit() => Take("limit", Count, $"must be a whole number from 1 to {PageParameters.MaxLimit}") ?? PageParameters.DefaultLimit;

    private static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= PageParameters.MaxLimit ? limit : null;
}
