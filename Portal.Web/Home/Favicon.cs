namespace Portal.Web.Home;

/// <summary><c>GET /favicon.ico</c>: what a browser shows in its tab. Without it every page here, JSON too, leaves a 404 in the browser's console.</summary>
internal static class Favicon
{
    private const string Svg =
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#512bd4"/>
        <path d="M7 16h13m-5-6 6 6-6 6M25 9v14" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
        """;

    /// <summary>Browsers go by the media type, not by the name.</summary>
    public static void MapFavicon(this IEndpointRouteBuilder routes) => routes.MapGet("/favicon.ico", (HttpResponse response) =>
    {
        response.Headers.CacheControl = "public, max-age=86400";
        return TypedResults.Text(Svg, "image/svg+xml");
    }).ExcludeFromDescription();
}
