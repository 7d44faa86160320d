using System.Globalization;
using System.Text.Json.Nodes;
using Contracts;
using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;

namespace Query.Api.Lists;

/// <summary>
/// Reads the query parameters of a list and collects what is wrong with them. An empty parameter counts as absent (<c>?status=&amp;limit=10</c>),
/// unknown ones are ignored. Each <c>Take</c> method has a <c>Takes</c> twin in <see cref="ListParameters"/> that describes the parameter.
/// </summary>
internal sealed class QueryParameters(IQueryCollection query)
{
    private const string CursorRule = "is not a valid cursor: send next_cursor of the page before as it is, or leave it out for the first page";
    private const string UuidRule = "must be a UUID, such as 019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f";
    private const string TimeRule = "must be an RFC 3339 time, such as 2024-01-15T10:30:00Z (in a URL, write the + of an offset as %2B)";

    /// <summary>Parameter -> what is allowed, for each parameter that is not acceptable.</summary>
    public Dictionary<string, string[]> Errors { get; } = [];

    /// <summary>Reads a parameter. Returns default when it is absent or not acceptable; the latter is added to <see cref="Errors"/>.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="read">Returns null for a text that is not acceptable.</param>
    /// <param name="rule">What is allowed; it follows the name in the message.</param>
    public T? Take<T>(string name, Func<string, T?> read, string rule)
    {
        var values = query[name];
        if (values.Count > 1) Errors[name] = [$"{name} came {values.Count} times; send it once"];
        if (values is not [{ Length: > 0 } text]) return default;
        if (read(text) is { } value) return value;
        Errors[name] = [$"{name} {rule}"];
        return default;
    }

    /// <summary>One of several values.</summary>
    public string? TakeOneOf(string name, IReadOnlyList<string> values, string remark = "") =>
        Take(name, text => values.Contains(text) ? text : null, $"must be one of {string.Join(", ", values)}{remark}");

    /// <summary>An id of a transaction or an account.</summary>
    public string? TakeId(string name, string what) => Take(name, text => Ids.IsValid(text) ? text : null, $"must be {what}: {Ids.Allowed}");

    /// <summary>A UUID.</summary>
    public Guid? TakeUuid(string name) => Take(name, text => Guid.TryParseExact(text, "D", out var id) ? id : (Guid?)null, UuidRule);

    /// <summary>A time, in UTC.</summary>
    public DateTime? TakeTime(string name) => Take(name, text => Rfc3339.TryParse(text, out var utc) ? utc : (DateTime?)null, TimeRule);

    /// <summary>The most rows of a page: <c>limit</c>.</summary>
    public int TakeLimit(PageSize size) => Take("limit", text => Number(text, 1, size.Max), $"must be a whole number from 1 to {size.Max}") ?? size.Default;

    /// <summary>The number of rows to skip: <c>offset</c>.</summary>
    public int TakeOffset(int max) => Take("offset", text => Number(text, 0, max),
        $"must be a whole number from 0 to {max}; to read on beyond that send next_cursor of the page before as cursor") ?? 0;

    /// <summary>Where the page begins: <c>cursor</c>.</summary>
    public T? TakeCursor<T>(Func<string, T?> parse, string rule = CursorRule) => Take("cursor", parse, rule);

    /// <summary>An id that counts up; null for any other text.</summary>
    public static long? LongNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    /// <summary>A whole number; null for any other text.</summary>
    public static int? Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null;
}

/// <summary>The size of a list's pages, in rows.</summary>
/// <param name="Default">Without <c>limit</c>.</param>
/// <param name="Max">The largest <c>limit</c>.</param>
internal readonly record struct PageSize(int Default, int Max);

/// <summary>Describes the parameters of a list in the OpenAPI document.</summary>
internal static class ListParameters
{
    public static RouteHandlerBuilder TakesOneOf(this RouteHandlerBuilder list, string name, string description, IReadOnlyList<string> values) =>
        list.TakesQuery(name, description, new() { Type = JsonSchemaType.String, Enum = [.. values.Select(value => (JsonNode)value)] });

    public static RouteHandlerBuilder TakesId(this RouteHandlerBuilder list, string name, string description) =>
        list.TakesQuery(name, description, new() { Type = JsonSchemaType.String, MaxLength = Ids.MaxLength, Pattern = Ids.Pattern });

    public static RouteHandlerBuilder TakesUuid(this RouteHandlerBuilder list, string name, string description) =>
        list.TakesQuery(name, description, new() { Type = JsonSchemaType.String, Format = "uuid" });

    public static RouteHandlerBuilder TakesTime(this RouteHandlerBuilder list, string name, string description) =>
        list.TakesQuery(name, description, new() { Type = JsonSchemaType.String, Format = "date-time" });

    public static RouteHandlerBuilder TakesLimit(this RouteHandlerBuilder list, PageSize size) => list.TakesQuery(
        "limit", "How many at most.",
        new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = $"{size.Max}", Default = size.Default });

    public static RouteHandlerBuilder TakesOffset(this RouteHandlerBuilder list, int max) => list.TakesQuery(
        "offset",
        "How many to skip; for deep pages send cursor instead.",
        new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0", Maximum = $"{max}", Default = 0 });

    public static RouteHandlerBuilder TakesCursor(this RouteHandlerBuilder list, string description = "next_cursor of the page before.") =>
        list.TakesQuery("cursor", description, new() { Type = JsonSchemaType.String });
}
