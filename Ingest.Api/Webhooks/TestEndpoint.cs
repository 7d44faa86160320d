using System.ComponentModel;
using System.Diagnostics;
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
/// <c>POST /webhooks/endpoints/{id}/test</c>: sends an event with the catalogue's example for data, to this endpoint alone, whatever types it wants. It is an
/// event like any other, with a delivery in the log, and gets its position as those that are fanned out do.
/// </summary>
internal static class TestEndpoint
{
    private const string Insert =
        $"""
        WITH endpoint AS (
            UPDATE webhook_endpoints SET next_publish_at = least(next_publish_at, now()) WHERE id = $1 AND deleted_at IS NULL AND disabled_at IS NULL
            RETURNING customer_id),
        event AS (
            INSERT INTO webhook_events (id, type, customer_id, resource_id, data, position, traceparent)
            SELECT uuid_v7(), $2, customer_id, '{WebhookEvent.TestResource}', $3, nextval('{WebhookEvent.Positions}'), $4 FROM endpoint
            RETURNING id)
        INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, next_attempt_at) SELECT uuid_v7(), id, $1, $2, now() FROM event
        RETURNING id
        """;

    private const string Read = $"{DeliveryReply.Select}\nWHERE d.id = $1";

    public static void MapTestEndpoint(this RouteGroupBuilder group) => group.MapPost("/endpoints/{id}/test", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("testWebhookEndpoint")
        .WithSummary("Sends a test event to an endpoint")
        .WithDescription(
            "The data are the example of the type (GET /webhooks/event-types), charge.succeeded unless said. It is sent at once, signed and retried as every "
            + "event is, to this endpoint alone and whichever types it asks for. GET /webhooks/{id} with the delivery's id shows what the receiver answered.")
        .WithPathUuid("id", EndpointRows.ExampleId)
        .Accepts<TestBody>(isOptional: true, "application/json")
        .WithRequestExample("""{"event_type":"payment.succeeded"}""")
        .Produces<DeliveryReply>(StatusCodes.Status202Accepted)
        .Answers(StatusCodes.Status202Accepted, "The delivery that is sent.")
        .Sends(StatusCodes.Status202Accepted, ResponseHeaders.Location)
        .WithResponseExample(StatusCodes.Status202Accepted, DeliveryReply.Example)
        .FailsAsWrites()
        .Fails(EndpointRows.ForAdministrators, "Endpoints for events operations.*, and such events, need an admin key.")
        .Fails(EndpointRows.NoEndpoint(EndpointRows.ExampleId), "There is no such endpoint.")
        .Fails(EndpointRows.IsDisabled(new() { Id = Guid.Parse(EndpointRows.ExampleId), Url = "", PayloadStyle = "", Secret = "", DisabledBecause = "owner" }),
            "The endpoint is disabled; or a request with this Idempotency-Key is still being worked on.")
        .Fails(Problem.Invalid("event_type", "event_type must be an event type; allowed are charge.succeeded, ..."),
            "event_type is none; or the Idempotency-Key was used with another body.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, IdempotentRequests requests, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        var caller = WebhookCaller.Of(context);
        var type = members.TestType(caller);
        if (members.Problem is { } refusal) return refusal;
        if (new[] { type! }.AreForOperators() && !caller.IsAdmin) return EndpointRows.ForAdministrators;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        (var endpoint, problem) = await EndpointRows.FindAsync(request.Connection, id, caller, cancellationToken);
        if (endpoint is null) return problem!;
        if (endpoint.DisabledAt is not null) return EndpointRows.IsDisabled(endpoint);
        if (endpoint.CustomerId is not null && new[] { type! }.AreForOperators()) return NotForCustomers;
        if (await SendAsync(request.Connection, endpoint.Id, type!, cancellationToken) is not { } delivery) return EndpointRows.NoEndpoint(id);
        var reply = Reply.Done(
            StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(delivery, DeliveryJson.Wire.DeliveryReply), $"/webhooks/{delivery.Id}");
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static Problem NotForCustomers => Problem.Invalid("event_type", "event_type is a notice to operators (operations.*), which no customer gets");

    /// <summary>Null when the endpoint was deleted or disabled meanwhile.</summary>
    private static async Task<DeliveryReply?> SendAsync(NpgsqlConnection connection, Guid endpointId, string type, CancellationToken cancellationToken)
    {
        await EndpointRows.WaitForFanOutAsync(connection, cancellationToken);
        await using var insert = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = endpointId }, Parameter.Text(type), Parameter.Json(EventCatalog.Find(type).Example),
                Parameter.Text(Activity.Current?.Id),
            },
        };
        if (await insert.ExecuteScalarAsync(cancellationToken) is not Guid id) return null;
        await using var read = new NpgsqlCommand(Read, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } } };
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? DeliveryReply.Read(row) : null;
    }
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("WebhookTest")]
internal sealed record TestBody([property: Description("The event's type; without it charge.succeeded.")] string? EventType = null);
