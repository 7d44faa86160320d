using Portal.Web.Api;

namespace Portal.Web.Csv;

/// <summary>A page of a list that the API answers as a bare array, with the cursor of the next page that its header Link has.</summary>
internal sealed record ArrayPage<TRow>(IReadOnlyList<TRow> Rows, string? NextCursor);

/// <summary>Makes an <see cref="ArrayPage{TRow}"/> of an answer.</summary>
internal static class ArrayPages
{
    /// <summary>The rows with their cursor; a problem stays one.</summary>
    public static ApiResult<ArrayPage<TRow>> ToPage<TRow>(this ApiResult<List<TRow>> result) =>
        new(result.Value is { } rows ? new(rows, result.NextCursor) : null, result.Problem);
}
