using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using ServiceDefaults.Problems;

namespace ServiceDefaults.OpenApi;

/// <summary>Describes endpoints in the OpenAPI document beyond what their signatures tell.</summary>
public static class EndpointDocumentation
{
    private const string Json = "application/json";

    /// <summary>Documents an error response, <c>application/problem+json</c>, with an ordinary problem of that status as its example.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="when">When it is sent, one sentence.</param>
    public static TBuilder Fails<TBuilder>(this TBuilder endpoint, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Fails(ProblemExamples.Of(status), when);

    /// <summary>Documents an error response by a problem that the endpoint answers with.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="example">One that it really sends.</param>
    /// <param name="when">When a problem of this status is sent, one sentence.</param>
    public static TBuilder Fails<TBuilder>(this TBuilder endpoint, Problem example, string when) where TBuilder : IEndpointConventionBuilder => endpoint
        .WithMetadata(new ProducesResponseTypeMetadata(example.Status, typeof(ProblemBody), [Problem.ContentType]))
        .Answers(example.Status, when)
        .WithExample(example.Status, Problem.ContentType, () => ProblemExamples.JsonOf(example));

    /// <summary>Documents that a response with a body of its own can be a problem instead: what the body would tell could not be found out.</summary>
    public static TBuilder OrFails<TBuilder>(this TBuilder endpoint, int status) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Changes(status, (response, api) => response.Content![Problem.ContentType] = new()
        {
            Schema = new OpenApiSchemaReference(nameof(Problem), api),
            Example = ProblemExamples.JsonOf(ProblemExamples.Of(status)),
        });

    /// <summary>Describes when a response that the endpoint declares is sent.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="when">One sentence.</param>
    public static TBuilder Answers<TBuilder>(this TBuilder endpoint, int status, string when) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Changes(status, (response, _) => response.Description = when);

    /// <summary>Documents a header of a response, which need not always be there.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="status">The HTTP status of the response.</param>
    /// <param name="name">One of <see cref="ResponseHeaders"/>.</param>
    public static TBuilder Sends<TBuilder>(this TBuilder endpoint, int status, string name) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Changes(status, (response, api) => ResponseHeaders.Add(response, name, api));

    /// <summary>Documents that answers say how much of the endpoint's rate limits is left.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="uncounted">Statuses that are answered before the request is counted, and without those headers.</param>
    public static TBuilder SaysItsLimits<TBuilder>(this TBuilder endpoint, int[] uncounted) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Metadata ??= new Dictionary<string, object>();
            operation.Metadata[ResponseHeaders.Uncounted] = uncounted;
            return Task.CompletedTask;
        });

    /// <summary>Documents a query parameter that the endpoint reads from the request.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="description">What it does and what is allowed.</param>
    /// <param name="schema">Its type, format and limits.</param>
    public static TBuilder TakesQuery<TBuilder>(this TBuilder endpoint, string name, string description, OpenApiSchema schema)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.Takes(new() { Name = name, In = ParameterLocation.Query, Description = description, Schema = schema });

    /// <summary>Documents a parameter that the endpoint reads from the request.</summary>
    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, OpenApiParameter parameter) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(parameter);
            return Task.CompletedTask;
        });

    /// <summary>Describes a path parameter as the number that it has to be, whatever type the handler reads it as.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="example">What <c>Try it out</c> starts with.</param>
    public static TBuilder WithPathNumber<TBuilder>(this TBuilder endpoint, string name, long example) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithPath(name, new() { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "1" }, example);

    /// <summary>Describes a path parameter as the UUID that it has to be.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="example">What <c>Try it out</c> starts with.</param>
    public static TBuilder WithPathUuid<TBuilder>(this TBuilder endpoint, string name, string example) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithPath(name, new() { Type = JsonSchemaType.String, Format = "uuid" }, example);

    /// <summary>Describes a path parameter.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="schema">Its type, format and limits.</param>
    /// <param name="example">What <c>Try it out</c> starts with.</param>
    public static TBuilder WithPath<TBuilder>(this TBuilder endpoint, string name, OpenApiSchema schema, JsonNode example)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.Name == name))
                (parameter.Schema, parameter.Example) = (schema, example.DeepClone());
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
        endpoint.WithExample(status, Json, () => JsonNode.Parse(json));

    private static TBuilder WithExample<TBuilder>(this TBuilder endpoint, int status, string contentType, Func<JsonNode?> example)
        where TBuilder : IEndpointConventionBuilder => endpoint.Changes(status, (response, _) =>
        {
            if (response.Content?.TryGetValue(contentType, out var content) == true) content.Example = example();
        });

    private static TBuilder Changes<TBuilder>(this TBuilder endpoint, int status, Action<OpenApiResponse, OpenApiDocument> change)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            if (operation.Responses?.TryGetValue($"{status}", out var response) == true && response is OpenApiResponse own) change(own, context.Document!);
            return Task.CompletedTask;
        });
}
