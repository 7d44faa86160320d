namespace Portal.Web.Shell;

/// <summary>Headers of every page: nothing inline runs, nobody frames it, nothing of it is kept by a cache, no address of it is told to others.</summary>
internal static class PageHeaders
{
    // Styles may be inline: Radzen's charts set them on elements. Scripts may not.
    private const string ContentSecurity =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>The areas, whose pages no cache keeps.</summary>
    private static readonly string[] Private = ["/account", "/admin", "/consumer"];

    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurity;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";

        // With no-cache, or antiforgery warns that it adds it.
        if (Array.Exists(Private, area => context.Request.Path.StartsWithSegments(area))) headers.CacheControl = "no-cache, no-store";
        return next(context);
    }
}
