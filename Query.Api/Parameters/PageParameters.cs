using Microsoft.OpenApi;
using ServiceDefaults.OpenApi;

namespace Query.Api.Parameters;

/// <summary>What every list takes to be read page by page.</summary>
internal static class PageParameters
{
    /// <summary>The most rows of a page.</summary>
    public const int MaxLimit = 200;

    /// <summary>As many as it has when nobody says.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Describes <c>limit</c> and <c>cursor</c>.</summary>
    public static RouteHandlerBuilder TakesPage(this RouteHandlerBuilder list) => list
        .TakesQuery("limit", "How many at most.", new()
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = $"{MaxLimit}",
            Default = DefaultLimit,
        })
        .TakesQuery("cursor", "next_cursor of the page before.", new() { Type = JsonSchemaType.String });
}
