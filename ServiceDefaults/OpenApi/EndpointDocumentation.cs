using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>What an endpoint says about itself in the OpenAPI document, where its signature does not say it.</summary>
public static class EndpointDocumentation
{
    /// <summary>Documents an error answer, <c>application/problem+json</c>.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="when">When it is answered, one sentence.</param>
    public static TBuilder Fails<TBuilder>(this TBuilder endpoint, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemBody), [Problem.ContentType])).Answers(status, when);

    /// <summary>Says when an answer that the endpoint declares already is given.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="when">One sentence.</param>
    public static TBuilder Answers<TBuilder>(this TBuilder endpoint, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.TryGetValue($"{status}", out var response) == true) response.Description = when;
            return Task.CompletedTask;
        });

    /// <summary>Documents a query parameter that the endpoint reads by itself.</summary>
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

    /// <summary>Says that nobody gets in without a key, whatever the document says of other operations.</summary>
    public static TBuilder NeedsKey<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(OpenApiDocumentExtensions.ApiKey, context.Document)] = [] }];
            return Task.CompletedTask;
        });

    /// <summary>Says that a user is wanted: by their key or by their access token.</summary>
    public static TBuilder NeedsUser<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference(OpenApiDocumentExtensions.ApiKey, context.Document)] = [] },
                new() { [new OpenApiSecuritySchemeReference(OpenApiDocumentExtensions.AccessToken, context.Document)] = [] },
            ];
            return Task.CompletedTask;
        });

    /// <summary>Gives a path parameter the value that <c>Try it out</c> starts with.</summary>
    public static TBuilder WithPathExample<TBuilder>(this TBuilder endpoint, string name, string value) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.Name == name)) parameter.Example = value;
            return Task.CompletedTask;
        });

    /// <summary>Gives the request's body the JSON that <c>Try it out</c> starts with.</summary>
    public static TBuilder WithRequestExample<TBuilder>(this TBuilder endpoint, string json) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var content in operation.RequestBody?.Content?.Values ?? []) content.Example = JsonNode.Parse(json);
            return Task.CompletedTask;
        });

    /// <summary>Shows what an answer looks like.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status it belongs to.</param>
    /// <param name="json">The body.</param>
    public static TBuilder WithResponseExample<TBuilder>(this TBuilder endpoint, int status, string json) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.TryGetValue($"{status}", out var response) == true)
                foreach (var content in response.Content?.Values ?? []) content.Example = JsonNode.Parse(json);
            return Task.CompletedTask;
        });
}
