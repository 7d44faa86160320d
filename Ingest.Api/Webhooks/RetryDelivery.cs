using System.ComponentModel;
using System.Text.Json;
using Data;
using Data.Webhooks;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>
/// <c>POST /webhooks/{id}/retry</c>: sends one delivery again now, with its schedule from the beginning. The attempts so far stay in the log.
/// </summary>
internal static class RetryDelivery
{
    private const string ExampleId = "019a6f70-5555-7c3d-9e4f-0a1b2c3d4e5f";

    private const string Find = "SELECT w.id, w.customer_id, w.deleted_at, w.disabled_at, w.disabled_because FROM webhook_deliveries d "
        + "JOIN webhook_endpoints w ON w.id = d.endpoint_id WHERE d.id = $1";

    // The endpoint's row first, as whoever deletes or disables it does.
    private const string Announce =
        """
        UPDATE webhook_endpoints SET next_publish_at = least(next_publish_at, now()) WHERE id = $1 AND deleted_at IS NULL AND disabled_at IS NULL
        """;

    private const string Retry =
        $"UPDATE webhook_deliveries d SET {Batches.SendAgain} WHERE d.id = $1 AND (d.status <> '{DeliveryStatus.Pending}' OR ({Batches.Waits}))";

    private const string Read = $"{DeliveryReply.Select}\nWHERE d.id = $1";

    public static void MapRetryDelivery(this RouteGroupBuilder group) => group.MapPost("/{id}/retry", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("retryWebhookDelivery")
        .WithSummary("Sends a delivery again")
        .WithDescription(
            "It is due now, whatever its status, and its retries begin anew. Payload and webhook-id are the same as before. One that is just being sent stays "
            + "as it is.")
        .WithPathUuid("id", ExampleId)
        .Produces<DeliveryReply>(StatusCodes.Status202Accepted)
        .Answers(StatusCodes.Status202Accepted, "The delivery as it is now.")
        .WithResponseExample(StatusCodes.Status202Accepted, DeliveryReply.Example)
        .FailsAsWrites()
        .Fails(NoDelivery(ExampleId), "There is no such delivery.")
        .Fails(EndpointDeleted, "The endpoint is disabled or deleted; or a request with this Idempotency-Key is still being worked on.")
        .Fails(StatusCodes.Status422UnprocessableEntity, "The Idempotency-Key was used with another body.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The delivery's id.")] string id, HttpContext context, IdempotentRequests requests, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var deliveryId)) return NoDelivery(id);
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        (var endpoint, problem) = await FindAsync(request.Connection, deliveryId, WebhookCaller.Of(context), cancellationToken);
        if (endpoint is null) return problem!;
        if (await RunAsync(request.Connection, deliveryId, endpoint.Id, cancellationToken) is not { } delivery) return NoDelivery(id);
        var reply = Reply.Done(StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(delivery, DeliveryJson.Wire.DeliveryReply));
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    /// <summary>The delivery's endpoint, which gets deliveries and is one that the caller may see; or why not.</summary>
    private static async Task<(WebhookEndpoint? Endpoint, Problem? Problem)> FindAsync(
        NpgsqlConnection connection, Guid deliveryId, WebhookCaller caller, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Find, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = deliveryId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken) || !caller.MaySee(row.TextOrNull(1))) return (null, NoDelivery($"{deliveryId}"));
        if (!row.IsDBNull(2)) return (null, EndpointDeleted);
        var endpoint = new WebhookEndpoint { Id = row.GetGuid(0), Url = "", PayloadStyle = "", Secret = "", DisabledBecause = row.TextOrNull(4) };
        return row.IsDBNull(3) ? (endpoint, null) : (null, EndpointRows.IsDisabled(endpoint));
    }

    /// <summary>Null when the delivery is no more there, or its endpoint was deleted or disabled meanwhile.</summary>
    private static async Task<DeliveryReply?> RunAsync(NpgsqlConnection connection, Guid deliveryId, Guid endpointId, CancellationToken cancellationToken)
    {
        await using var announce = new NpgsqlCommand(Announce, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = endpointId } } };
        if (await announce.ExecuteNonQueryAsync(cancellationToken) == 0) return null;
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Retry) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = deliveryId } } },
                new(Read) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = deliveryId } } },
            },
        };
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? DeliveryReply.Read(row) : null;
    }

    private static Problem NoDelivery(string id) => Problem.NotFound(
        Guid.TryParseExact(id, "D", out _)
            ? $"There is no delivery {id}. GET /webhooks lists those there are."
            : $"That is not a delivery's id: one is a UUID, such as {ExampleId}.");

    private static Problem EndpointDeleted => new(StatusCodes.Status409Conflict, "endpoint_deleted",
        "The endpoint of this delivery was deleted, so it is not sent any more. Make a new endpoint (POST /webhooks/endpoints), and replay the events that it "
        + "is to get (POST /webhooks/endpoints/{id}/replay).");
}
