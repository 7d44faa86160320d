using ServiceDefaults.Requests;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace Portal.Web.Docs;

/// <summary><c>/docs</c>: the OpenAPI documents of all services in one page. All its files come from the package, none from the internet.</summary>
internal static class DocsFeature
{
    private static readonly (string Document, string Title)[] Documents =
    [
        ("ingest", "Write: webhook intake, redrive"),
        ("query", "Read: transactions, dead letters"),
        ("worker", "Background processing"),
        ("portal", "Front door"),
    ];

    /// <summary>Makes the browser refuse anything that the page would load from elsewhere.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "base-uri 'none'; frame-ancestors 'none'";

    public static void UseDocs(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase)) return next(context);
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            return HeadRequests.AsGetAsync(context, next);
        });
        app.UseSwaggerUI(Configure);
    }

    private static void Configure(SwaggerUIOptions docs)
    {
        docs.RoutePrefix = "docs";
        docs.DocumentTitle = "AspireWebhooks";
        foreach (var (document, title) in Documents) docs.SwaggerEndpoint($"/openapi/{document}.json", title);
        docs.EnableDeepLinking();
        docs.EnableTryItOutByDefault();
        docs.DisplayRequestDuration();

        // Otherwise Swagger UI sends the document's URL to validator.swagger.io, for a badge, wherever it is not on localhost.
        docs.EnableValidator("none");
    }
}
