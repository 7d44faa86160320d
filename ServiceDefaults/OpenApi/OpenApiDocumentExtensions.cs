using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace ServiceDefaults.OpenApi;

/// <summary>The OpenAPI document of a service, as the front door shows it on /docs.</summary>
internal static class OpenApiDocumentExtensions
{
    /// <summary>The front door's own document. It alone shows /health and /alive: on the public base URL those paths are the front door's.</summary>
    private const string FrontDoor = "portal";

    internal const string ApiKey = "ApiKey";
    internal const string AccessToken = "AccessToken";

    private static readonly string[] Probes = ["health", "alive"];

    public static void AddOpenApiDocument(this WebApplicationBuilder builder, string document, string description)
    {
        builder.Services.AddSingleton(new DocumentName(document));
        builder.Services.AddOpenApi(document, options =>
        {
            if (document != FrontDoor) options.ShouldInclude = endpoint => !Probes.Contains(endpoint.RelativePath);
            options.AddSchemaTransformer(SchemaTruth.ApplyAsync);
            options.CreateSchemaReferenceId = SchemaTruth.NameOf;
            options.AddDocumentTransformer((api, _, _) =>
            {
                Describe(api, document, description);
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>Serves the document, under its own name only: any other is a plain 404.</summary>
    public static void MapOpenApiDocument(this WebApplication app) =>
        app.MapOpenApi($"/openapi/{{documentName:regex(^{app.Services.GetRequiredService<DocumentName>().Value}$)}}.json");

    private static void Describe(OpenApiDocument api, string document, string description)
    {
        api.Info = new OpenApiInfo
        {
            Title = $"AspireWebhooks: {document}",
            Version = typeof(OpenApiDocumentExtensions).Assembly.GetName().Version?.ToString(3) ?? "0",
            Description = description,
        };

        // Relative: the document is read through the front door, and requests must go there too.
        api.Servers = [new OpenApiServer { Url = "/" }];
        if (document == FrontDoor) return;

        // An empty requirement beside it: whether a key is needed is configuration, and the page must work without one too.
        api.Components ??= new OpenApiComponents();
        api.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        api.Components.SecuritySchemes[ApiKey] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "X-API-Key",
            Description = "Where Auth__ApiKeys__n are configured: one of them. For /admin always: one of Auth__AdminKeys__n. For /api/v1 always: a user's.",
        };
        api.Components.SecuritySchemes[AccessToken] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "For /api/v1: the access_token that POST /api/v1/auth/login gives; a user's API key serves here too.",
        };
        api.Security = [new() { [new OpenApiSecuritySchemeReference(ApiKey, api)] = [] }, []];
    }

    private sealed record DocumentName(string Value);
}
