using System.ComponentModel;
using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Webhooks;

/// <summary><c>GET /webhooks/endpoints/{id}</c>: one endpoint, or 404.</summary>
internal static class GetEndpoint
{
    /// <summary>The id in the documents.</summary>
    public const string ExampleId = "019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f";

    public static void MapGetEndpoint(this RouteGroupBuilder group)
    {
        group.MapGet("/endpoints/{id}", HandleAsync)
            .WithName("getWebhookEndpoint")
            .WithSummary("One endpoint")
            .WithDescription("Where events are sent to, and how that goes. Its secret is shown once, when it is made or rotated.")
            .WithPathUuid("id", ExampleId)
            .Answers(StatusCodes.Status200OK, "The endpoint.")
            .WithResponseExample(StatusCodes.Status200OK, EndpointReply.Example)
            .Fails(NoEndpoint(ExampleId), "There is no such endpoint, or it is another customer's.");
    }

    private static async Task<Results<Ok<EndpointReply>, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var (endpoint, problem) = await FindAsync(database, id, context, cancellationToken);
        return endpoint is null ? problem! : TypedResults.Ok(EndpointReply.Of(endpoint));
    }

    /// <summary>The endpoint, or the 404 for the caller who may not see it or asks for one that is not there.</summary>
    public static async Task<(WebhookEndpoint? Endpoint, Problem? Problem)> FindAsync(
        WebhooksDbContext database, string id, HttpContext context, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var endpointId)) return (null, NotAnId);
        var endpoint = await database.WebhookEndpoints.AsNoTracking()
            .SingleOrDefaultAsync(endpoint => endpoint.Id == endpointId && endpoint.DeletedAt == null, cancellationToken);
        return endpoint is not null && WebhookCaller.Of(context).MaySee(endpoint.CustomerId) ? (endpoint, null) : (null, NoEndpoint($"{endpointId}"));
    }

    private static Problem NotAnId =>
        Problem.NotFound($"That is not an endpoint's id: one is a UUID, such as {ExampleId}. GET /webhooks/endpoints lists those there are.");

    public static Problem NoEndpoint(string id) => Problem.NotFound($"There is no endpoint {id}. GET /webhooks/endpoints lists those there are.");
}
