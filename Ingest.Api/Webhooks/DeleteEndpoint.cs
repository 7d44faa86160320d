using System.ComponentModel;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary><c>DELETE /webhooks/endpoints/{id}</c>: the endpoint gets no more events. Its deliveries stay in the log until their retention ends.</summary>
internal static class DeleteEndpoint
{
    private const string Message = "The endpoint was deleted.";

    public static void MapDeleteEndpoint(this RouteGroupBuilder group) => group.MapDelete("/endpoints/{id}", HandleAsync)
        .WithName("deleteWebhookEndpoint")
        .WithSummary("Deletes an endpoint")
        .WithDescription("Its pending deliveries fail. The log still shows what was sent to it, and where. One from WEBHOOK_URLS comes back when the service "
            + "starts again, unless it is taken out there.")
        .WithPathUuid("id", EndpointRows.ExampleId)
        .Answers(StatusCodes.Status204NoContent, "It gets no more events.")
        .Fails(EndpointRows.ForAdministrators, "Endpoints for events operations.* need an admin key.")
        .Fails(EndpointRows.NoEndpoint(EndpointRows.ExampleId), "There is no such endpoint, or not any more.")
        .Fails(EndPending.TooMany, "The database cannot answer, or there are very many deliveries to end; send it again after Retry-After seconds.");

    private static async Task<Results<NoContent, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var caller = WebhookCaller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (endpoint, problem) = await EndpointRows.FindAsync(connection, id, caller, cancellationToken);
        if (endpoint is null) return problem!;
        if (await EndPending.RunAsync(database, endpoint.Id, Message, clock, cancellationToken) is { } tooMany) return tooMany;

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await EndpointRows.WaitForFanOutAsync(connection, cancellationToken);
        (endpoint, problem) = await EndpointRows.LockAsync(connection, id, caller, cancellationToken);
        if (endpoint is null) return problem!;
        await EndpointRows.DeleteAsync(connection, endpoint.Id, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        await EndDeliveries.RunAsync(database, endpoint.Id, Message, CancellationToken.None);
        return TypedResults.NoContent();
    }
}
