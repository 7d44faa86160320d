using Swashbuckle.AspNetCore.SwaggerUI;

namespace Portal.Web.Docs;

/// <summary><c>/docs</c>: the OpenAPI documents of all services in one page. Its files come from the package, none from the internet.</summary>
internal static class DocsExtensions
{
    private static readonly (string Document, string Title)[] Documents =
    [
        ("ingest", "Send: webhook intake"),
        ("query", "Read: transactions"),
        ("worker", "Background processing"),
        ("portal", "Front door"),
    ];

    public static void MapDocs(this WebApplication app) => app.UseSwaggerUI(Configure);

    private static void Configure(SwaggerUIOptions docs)
    {
        docs.RoutePrefix = "docs";
        docs.DocumentTitle = "AspireWebhooks";
        foreach (var (document, title) in Documents) docs.SwaggerEndpoint($"/openapi/{document}.json", title);
        docs.EnableDeepLinking();
        docs.EnableTryItOutByDefault();
        docs.DisplayRequestDuration();
        docs.EnablePersistAuthorization();
    }
}
