using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>The OpenAPI document of a service, which the front door shows on /docs.</summary>
internal static class OpenApiFeature
{
    /// <summary>The front door's document. Only this one has /health and /alive, because on the public base URL these paths are the front door's.</summary>
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
            options.AddSchemaTransformer(SchemaCorrections.ApplyAsync);
            options.CreateSchemaReferenceId = SchemaCorrections.NameOf;
            options.AddDocumentTransformer((api, _, _) =>
            {
                Describe(api, document, description);
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>Serves the document under its own name; any other name is a 404.</summary>
    public static void MapOpenApiDocument(this WebApplication app) =>
        app.MapOpenApi($"/openapi/{{documentName:regex(^{app.Services.GetRequiredService<DocumentName>().Value}$)}}.json");

    private static void Describe(OpenApiDocument api, string document, string description)
    {
        api.Info = new OpenApiInfo
        {
            Title = $"AspireWebhooks: {document}",
            Version = typeof(OpenApiFeature).Assembly.GetName().Version?.ToString(3) ?? "0",
            Description = description,
        };

        // Relative, because the document is read through the front door and requests go there too.
        api.Servers = [new OpenApiServer { Url = "/" }];
        if (document == FrontDoor) return;

        // The empty requirement makes the key optional: whether one is needed depends on the configuration.
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

/// <summary>Corrects schemas where the generator describes what the serializer would accept instead of what the service sends.</summary>
internal static class SchemaCorrections
{
    public static Task ApplyAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // The web defaults also read numbers from strings, which the generator shows as "integer or string"; the services write integers.
        if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Integer) && type.HasFlag(JsonSchemaType.String))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        // A member that is omitted when null is not required, and never null.
        foreach (var property in context.JsonTypeInfo.Properties.Where(IsLeftOutWhenNull))
        {
            schema.Required?.Remove(property.Name);
            if (schema.Properties?.TryGetValue(property.Name, out var member) == true && member is OpenApiSchema own) own.Type &= ~JsonSchemaType.Null;
        }

        return Task.CompletedTask;
    }

    /// <summary>The name of a type's schema in the document.</summary>
    public static string? NameOf(JsonTypeInfo type) =>
        type.Type == typeof(ProblemBody) ? nameof(Problem) : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    private static bool IsLeftOutWhenNull(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: false)
            is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }];
}
