using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Web.Ui;

/// <summary>Paths with a query: what is null or empty is left out, everything else is escaped.</summary>
internal static class Query
{
    /// <summary>Appends parameters to a path.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        foreach (var (name, value) in parameters)
            if (!string.IsNullOrEmpty(value)) path = QueryHelpers.AddQueryString(path, name, value);
        return path;
    }

    /// <summary>A segment of a path: what others wrote, escaped.</summary>
    public static string Segment(string text) => Uri.EscapeDataString(text);
}
