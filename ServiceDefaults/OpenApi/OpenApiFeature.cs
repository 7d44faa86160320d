using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>
/// The OpenAPI document of a service: its part of the API's one document, which the front door serves as <c>/openapi.json</c>. A test puts the parts together
/// and holds the document to them.
/// </summary>
internal static class OpenApiFeature
{
    /// <summary>The front door's document. Only this one has /health and /alive, because on the public base URL these paths are the front door's.</summary>
    private const string FrontDoor = "portal";

    /// <summary>Stands for every status that is not named.</summary>
    internal const string AnyOther = "default";

    private const string ProblemSchema = nameof(Problem);

    private static readonly string[] Probes = ["health", "alive"];

    public static void AddOpenApiDocument(this WebApplicationBuilder builder, string document, string description)
    {
        builder.Services.AddSingleton(new DocumentName(document));
        builder.Services.AddOpenApi(document, options =>
        {
            if (document != FrontDoor) options.ShouldInclude = endpoint => !Probes.Contains(endpoint.RelativePath);
            options.AddSchemaTransformer(SchemaCorrections.ApplyAsync);
            options.CreateSchemaReferenceId = SchemaCorrections.NameOf;
            options.AddDocumentTransformer(async (api, context, cancellationToken) =>
            {
                api.Info = new OpenApiInfo
                {
                    Title = $"AspireWebhooks: {document}",
                    Version = typeof(OpenApiFeature).Assembly.GetName().Version?.ToString(3) ?? "0",
                    Description = description,
                };

                // Relative, because the document is read through the front door and requests go there too.
                api.Servers = [new OpenApiServer { Url = "/" }];
                EndpointSecurity.Describe(api);
                await DescribeOtherErrorsAsync(api, context, cancellationToken);
                ResponseHeaders.Describe(api);
            });
        });
    }

    /// <summary>Serves the document under its own name; any other name is a 404.</summary>
    public static void MapOpenApiDocument(this WebApplication app) =>
        app.MapOpenApi($"/openapi/{{documentName:regex(^{app.Services.GetRequiredService<DocumentName>().Value}$)}}.json");

    /// <summary>
    /// Whatever else goes wrong is a problem too: a client that is generated from the document then has every error as that type. Its <c>detail</c> is marked
    /// as the text of the exception that generated clients throw.
    /// </summary>
    private static async Task DescribeOtherErrorsAsync(OpenApiDocument api, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(ProblemBody), null, cancellationToken);
        if (schema.Properties?.TryGetValue("detail", out var detail) == true && detail is OpenApiSchema text)
        {
            text.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            text.Extensions["x-ms-primary-error-message"] = new JsonNodeExtension(JsonValue.Create(true));
        }

        api.Components ??= new OpenApiComponents();
        api.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        api.Components.Schemas[ProblemSchema] = schema;
        foreach (var operation in OperationsOf(api))
        {
            var said = operation.Responses ?? [];
            operation.Responses = []; // In the order of their statuses, not in that in which groups and endpoints name them.
            foreach (var (status, response) in said.OrderBy(response => response.Key, StringComparer.Ordinal)) operation.Responses[status] = response;
            operation.Responses[AnyOther] = new OpenApiResponse { Description = "Any other error, such as a 405 or a 500.", Content = ProblemContent(api) };
        }
    }

    private static Dictionary<string, OpenApiMediaType> ProblemContent(OpenApiDocument api) =>
        new() { [Problem.ContentType] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, api) } };

    /// <summary>Every operation of a document.</summary>
    internal static IEnumerable<OpenApiOperation> OperationsOf(OpenApiDocument api) => api.Paths.Values.SelectMany(path => (path.Operations ?? []).Values);

    private sealed record DocumentName(string Value);
}
