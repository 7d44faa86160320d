using System.ComponentModel;
using System.Security.Cryptography;
using System.Text.Json;
using Contracts;
using Data;
using Data.Webhooks;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>
/// <c>POST /webhooks/endpoints/{id}/rotate-secret</c>: a new secret. The old one signs beside it for a while, so that a receiver can change over without losing
/// an event. A second rotation within that time keeps the newest two: an endpoint never has three.
/// </summary>
internal static class RotateSecret
{
    private const string Example =
        $$"""
        {"endpoint_id":"{{EndpointRows.ExampleId}}","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
         "previous_secret_until":"2026-01-16T10:30:00.123456Z"}
        """;

    private const string Rotate =
        """
        UPDATE webhook_endpoints SET previous_secret = secret, previous_secret_until = now() + $3, secret = $2, updated_at = now()
        WHERE id = $1 RETURNING previous_secret_until
        """;

    public static void MapRotateSecret(this RouteGroupBuilder group) => group.MapPost("/endpoints/{id}/rotate-secret", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("rotateWebhookSecret")
        .WithSummary("Replaces an endpoint's secret")
        .WithDescription(
            "The new secret is in the answer and nowhere else. For 24 hours (Webhooks__RotationOverlap) requests have two signatures, by the new secret and by "
            + "the one before; of three rotations within that time the first secret ends at the second. Whoever has lost an endpoint's secret gets one so.")
        .WithPathUuid("id", EndpointRows.ExampleId)
        .Produces<RotatedSecretReply>()
        .Answers(StatusCodes.Status200OK, "The new secret signs from now on.")
        .WithResponseExample(StatusCodes.Status200OK, Example)
        .FailsAsWrites()
        .Fails(EndpointRows.ForAdministrators, "Endpoints for events operations.* need an admin key.")
        .Fails(EndpointRows.NoEndpoint(EndpointRows.ExampleId), "There is no such endpoint.")
        .Fails(IdempotentRequest.InFlight, "A request with this Idempotency-Key is still being worked on, or was sent with another credential.")
        .Fails(StatusCodes.Status422UnprocessableEntity, "The Idempotency-Key was used with another body.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, IdempotentRequests requests, EndpointSecrets secrets,
        IOptions<WebhookOptions> options, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        context.Response.Headers.CacheControl = "no-store";
        request.SealReplyWith(context.CredentialText());
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        (var endpoint, problem) = await EndpointRows.LockAsync(request.Connection, id, WebhookCaller.Of(context), cancellationToken);
        if (endpoint is null) return problem!;
        var secret = WebhookSecret.New(RandomNumberGenerator.Fill);
        await using var rotate = new NpgsqlCommand(Rotate, request.Connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = endpoint.Id }, Parameter.Text(secrets.Protect(secret)),
                Parameter.Interval(options.Value.RotationOverlap),
            },
        };
        var until = (DateTime)(await rotate.ExecuteScalarAsync(cancellationToken))!;
        var reply = Reply.Done(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(
            new RotatedSecretReply(endpoint.Id, secret.Reveal(), until), WebhooksJson.Wire.RotatedSecretReply));
        await request.StoreAndCommitAsync(reply);
        return reply;
    }
}

/// <summary>The answer to a rotation.</summary>
[DisplayName("RotatedWebhookSecret")]
internal sealed record RotatedSecretReply(
    [property: Description("The endpoint, a UUID.")] Guid EndpointId,
    [property: Description("The new secret, whsec_ and base64: shown here and never again.")] string Secret,
    [property: Description("Until when the secret before signs too, UTC.")] DateTime PreviousSecretUntil);
