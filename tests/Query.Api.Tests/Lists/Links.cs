using System.Text.Json;

namespace Query.Api.Tests.Lists;

/// <summary>Reads lists that are bare arrays as a client does: by the Link header of each page.</summary>
internal static class Links
{
    /// <summary>A page and the target of its link to the next one; null for the last.</summary>
    public static async Task<(List<JsonElement> Rows, string? Next)> PageAsync(this QueryService query, string pathAndQuery)
    {
        using var response = await query.GetAsync(pathAndQuery);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return ([.. JsonElement.Parse(body).EnumerateArray()], response.Next());
    }

    /// <summary>The target of the link to the next page.</summary>
    public static string? Next(this HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var links)) return null;
        var link = Assert.Single(links);
        Assert.Matches("^<[!-=?-~]+>; rel=\"next\"$", link);
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }

    /// <summary>The rows of every page, from that one on, until there are that many.</summary>
    public static async Task<List<JsonElement>> WalkAsync(this QueryService query, string pathAndQuery, int enough = int.MaxValue)
    {
        var rows = new List<JsonElement>();
        for (var next = pathAndQuery; next is not null && rows.Count < enough;)
        {
            (var page, next) = await query.PageAsync(next);
            rows.AddRange(page);
        }

        return rows;
    }

    /// <summary>The ids of rows.</summary>
    public static IEnumerable<Guid> Ids(this IEnumerable<JsonElement> rows) => rows.Select(row => row.GetProperty("id").GetGuid());
}
