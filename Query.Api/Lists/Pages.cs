using System.ComponentModel;

namespace Query.Api.Lists;

/// <summary>A page of a list that is read by cursor.</summary>
[DisplayName("Page")]
internal sealed record CursorPage<T>(
    [property: Description("Newest first.")] IReadOnlyList<T> Data,
    [property: Description("Send it as cursor for the next page; null when this is the last one.")] string? NextCursor)
{
    /// <summary>Makes the page of rows that were read with a limit one higher than the page's: one row more means that there is another page.</summary>
    public static CursorPage<T> Of(List<T> rows, int limit, Func<T, object> cursorOf) =>
        rows.Count <= limit ? new(rows, NextCursor: null) : new(rows[..limit], cursorOf(rows[limit - 1]).ToString());
}

/// <summary>A page of a list that is read by offset or by cursor.</summary>
[DisplayName("Page")]
internal sealed record OffsetPage<T>(
    [property: Description("Newest first.")] IReadOnlyList<T> Items,
    [property: Description("How many there are on all pages; counted up to 10,000, which then means that many or more.")] int Total,
    [property: Description("How many a page has at most.")] int Limit,
    [property: Description("How many come before this page; 0 when it was asked for by cursor.")] int Offset,
    [property: Description("Whether there is another page.")] bool HasMore,
    [property: Description("Send it as cursor for the next page; null when this is the last one.")] string? NextCursor)
{
    /// <summary>As <see cref="CursorPage{T}.Of"/>.</summary>
    public static OffsetPage<T> Of(List<T> rows, int total, int limit, int offset, Func<T, object> cursorOf)
    {
        var page = CursorPage<T>.Of(rows, limit, cursorOf);
        return new(page.Data, total, limit, offset, page.NextCursor is not null, page.NextCursor);
    }
}
