using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;

namespace Query.Api.Lists;

/// <summary>
/// A list that is answered as a bare array, page by page: <c>limit</c> and <c>skip</c> for the first pages, and while there is another page a <c>Link</c>
/// header (RFC 8288) that leads to it by a cursor. A cursor reaches any row at the price of the first page; rows that are skipped are read.
/// </summary>
internal static class BareList
{
    /// <summary>The largest <c>skip</c>: 10,000 index entries take milliseconds, a million would take a second.</summary>
    public const int MaxSkip = 10_000;

    private const string CursorRule = "is not a valid cursor: take it from the Link header of the page before as it is, or leave it out for the first page";

    private static readonly PageSize Size = new(Default: 100, Max: 200);

    /// <summary>Reads which page is wanted. It is not to be used when the parameters have errors.</summary>
    /// <param name="parameters">The request's.</param>
    /// <param name="parse">Reads a cursor; null for a text that is none.</param>
    public static ListPage<TCursor> TakePage<TCursor>(this QueryParameters parameters, Func<string, TCursor?> parse) where TCursor : struct
    {
        var page = new ListPage<TCursor>(
            parameters.TakeCursor(parse, CursorRule),
            parameters.TakeLimit(Size),
            parameters.Take("skip", text => QueryParameters.Number(text, 0, MaxSkip),
                $"must be a whole number from 0 to {MaxSkip}; to read on beyond that follow the Link header of each page") ?? 0);
        if (page is { After: not null, Skip: > 0 })
            parameters.Errors.TryAdd("cursor", ["cursor cannot be combined with a skip: a cursor says by itself where the page begins"]);
        return page;
    }

    /// <summary>Answers the page, and says where the next one is.</summary>
    /// <param name="page">The page that was wanted.</param>
    /// <param name="context">The request's.</param>
    /// <param name="rows">Those of the page, and one more if there is one: that another page follows.</param>
    /// <param name="cursorOf">The cursor of a row.</param>
    public static Ok<List<T>> Answer<TCursor, T>(this ListPage<TCursor> page, HttpContext context, List<T> rows, Func<T, TCursor> cursorOf)
        where TCursor : struct
    {
        if (rows.Count <= page.Limit) return TypedResults.Ok(rows);
        context.Response.Headers.Link = $"<{Next(context.Request, $"{cursorOf(rows[page.Limit - 1])}")}>; rel=\"next\"";
        return TypedResults.Ok(rows[..page.Limit]);
    }

    /// <summary>Describes the parameters, and the header of the answer.</summary>
    public static RouteHandlerBuilder TakesPage(this RouteHandlerBuilder list) => list
        .TakesLimit(Size)
        .TakesQuery(
            "skip",
            "How many to skip; for deep pages follow the Link header instead.",
            new() { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "0", Maximum = $"{MaxSkip}", Default = 0 })
        .TakesCursor("Where the page begins, instead of skip: the Link header of the page before has it.")
        .Sends(StatusCodes.Status200OK, ResponseHeaders.Link)
        .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.");

    // Relative, as the Location of what was made: the host and scheme by which the caller came are the front door's.
    private static string Next(HttpRequest request, string cursor)
    {
        var query = new QueryBuilder();
        foreach (var (name, values) in request.Query)
        {
            if (name is not ("skip" or "cursor") && values is [{ Length: > 0 } value]) query.Add(name, value);
        }

        query.Add("cursor", cursor);
        return UriHelper.BuildRelative(request.PathBase, request.Path, query.ToQueryString());
    }
}

/// <summary>Which page of a list is wanted.</summary>
/// <param name="After">The last row of the page before; null for the first page.</param>
/// <param name="Limit">The most rows, 1-200.</param>
/// <param name="Skip">The number of rows to skip, 0-10,000; 0 with a cursor.</param>
internal readonly record struct ListPage<TCursor>(TCursor? After, int Limit, int Skip) where TCursor : struct
{
    /// <summary>How many rows to read: one more than the page has says whether another page follows.</summary>
    public int Read => Limit + 1;
}
