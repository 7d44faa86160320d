using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>Describes endpoints in the OpenAPI document beyond what their signatures tell.</summary>
public static class EndpointDocumentation
{
    /// <summary>Documents an error response, <c>application/problem+json</c>.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="when">When it is sent, one sentence.</param>
    public static TBuilder Fails<TBuilder>(this TBuilder endpoint, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemBody), [Problem.ContentType])).Answers(status, when);

    /// <summary>Describes when a response that the endpoint declares is sent.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="when">One sentence.</param>
    public static TBuilder Answers<TBuilder>(this TBuilder endpoint, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.TryGetValue($"{status}", out var response) == true) response.Description = when;
            return Task.CompletedTask;
        });

    /// <summary>Documents a query parameter that the endpoint reads from the request.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="description">What it does and what is allowed.</param>
    /// <param name="schema">Its type, format and limits.</param>
    public static TBuilder TakesQuery<TBuilder>(this TBuilder endpoint, string name, string description, OpenApiSchema schema)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema });
            return Task.CompletedTask;
        });

    /// <summary>Marks an operation that always requires a key.</summary>
    public static TBuilder NeedsKey<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(OpenApiFeature.ApiKey, context.Document)] = [] }];
            return Task.CompletedTask;
        });

    /// <summary>Marks an operation that requires a user's key or access token.</summary>
    public static TBuilder NeedsUser<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference(OpenApiFeature.ApiKey, context.Document)] = [] },
                new() { [new OpenApiSecuritySchemeReference(OpenApiFeature.AccessToken, context.Document)] = [] },
            ];
            return Task.CompletedTask;
        });

    /// <summary>Sets the value of a path parameter that <c>Try it out</c> starts with.</summary>
    public static TBuilder WithPathExample<TBuilder>(this TBuilder endpoint, string name, string value) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.Name == name)) parameter.Example = value;
            return Task.CompletedTask;
        });

    /// <summary>Sets the JSON of the request body that <c>Try it out</c> starts with.</summary>
    public static TBuilder WithRequestExample<TBuilder>(this TBuilder endpoint, string json) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var content in operation.RequestBody?.Content?.Values ?? []) content.Example = JsonNode.Parse(json);
            return Task.CompletedTask;
        });

    /// <summary>Sets the example of a response.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status of the response.</param>
    /// <param name="json">The body.</param>
    public static TBuilder WithResponseExample<TBuilder>(this TBuilder endpoint, int status, string json) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.TryGetValue($"{status}", out var response) == true)
                foreach (var content in response.Content?.Values ?? []) content.Example = JsonNode.Parse(json);
            return Task.CompletedTask;
        });
}
