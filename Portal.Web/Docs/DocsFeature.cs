using ServiceDefaults.Requests;
using Swashbuckle.AspNetCore.SwaggerUI;

namespace Portal.Web.Docs;

/// <summary>
/// <c>/openapi.json</c>: the whole public API in one document, which is part of this program (docs/architecture.md says why; AppHost.Tests holds it to what
/// the running services say of themselves). <c>/docs</c>: the same as a page from which requests can be sent. None of its files comes from the internet.
/// </summary>
internal static class DocsFeature
{
    private const string Document = "/openapi.json", Styles = "page.css", Padlocks = "padlocks.js";

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

    public static void MapDocs(this IEndpointRouteBuilder routes)
    {
        routes.MapEmbeddedFile(Document, "openapi.json", "application/json");
        routes.MapEmbeddedFile($"/docs/{Styles}", Styles, "text/css");
        routes.MapEmbeddedFile($"/docs/{Padlocks}", Padlocks, "text/javascript");
    }

    private static void Configure(SwaggerUIOptions docs)
    {
        docs.RoutePrefix = "docs";
        docs.DocumentTitle = "AspireWebhooks";
        docs.SwaggerEndpoint(Document, "AspireWebhooks");
        docs.InjectStylesheet(Styles);
        docs.InjectJavascript(Padlocks);
        docs.EnableDeepLinking();
        docs.EnablePersistAuthorization(); // In the browser's local storage: keys need not be entered again after a reload.
        docs.EnableTryItOutByDefault();
        docs.DisplayRequestDuration();

        // Otherwise Swagger UI sends the document's URL to validator.swagger.io, for a badge, wherever it is not on localhost.
        docs.EnableValidator("none");
    }
}
