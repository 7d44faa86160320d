using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace ServiceDefaults.OpenApi;

/// <summary>The OpenAPI document of a service, as the front door shows it on /docs.</summary>
internal static class OpenApiDocumentExtensions
{
    public static void AddOpenApiDocument(this WebApplicationBuilder builder, string document, string description) =>
        builder.Services.AddOpenApi(document, options => options.AddDocumentTransformer((api, _, _) =>
        {
            api.Info = new OpenApiInfo
            {
                Title = $"AspireWebhooks: {document}",
                Version = typeof(OpenApiDocumentExtensions).Assembly.GetName().Version?.ToString(3) ?? "0",
                Description = description,
            };

            // Relative: the document is read through the front door, and requests must go there too.
            api.Servers = [new OpenApiServer { Url = "/" }];
            return Task.CompletedTask;
        }));
}
