using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Contracts;
using Data;
using Data.Webhooks;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Webhooks;

/// <summary>
/// <c>POST /webhooks/retry</c>: sends all deliveries again that the filters of the log name. Those of endpoints that are disabled or deleted are left out, and
/// a caller with a portal link changes their customer's alone. A delivery that is sent again is no more among those that are named, so each batch takes the
/// first that are left.
/// </summary>
internal static class RetryDeliveries
{
    /// <summary>More are not counted: the answer is to be there in time.</summary>
    private const int MaxCount = 1_000_000;

    public static void MapRetryDeliveries(this RouteGroupBuilder group) => group.MapPost("/retry", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("retryWebhookDeliveries")
        .WithSummary("Sends deliveries again, by the filters of the log")
        .WithDescription(
            "Those that failed, unless status says otherwise. Each is due now, and its retries begin anew. Deliveries of endpoints that are disabled or "
            + "deleted are left out, and so are those that are due already or just being sent. With dry_run: true the count alone. The request works for "
            + "some seconds at most; has_more says that it did not reach the end, so send it again. No more than 1,000,000 are counted.")
        .Accepts<RetryBody>(isOptional: true, "application/json")
        .WithRequestExample($$"""{"endpoint_id":"{{EndpointRows.ExampleId}}","from":"2026-01-15T00:00:00Z","dry_run":true}""")
        .Produces<RetryReply>(StatusCodes.Status202Accepted)
        .Answers(StatusCodes.Status202Accepted, "How many are sent again, or would be.")
        .WithResponseExample(StatusCodes.Status202Accepted, """{"count":42,"dry_run":true,"has_more":false}""")
        .FailsAsWrites()
        .Fails(EndpointRows.ForAdministrators, "Endpoints for events operations.* need an admin key.")
        .Fails(EndpointRows.NoEndpoint(EndpointRows.ExampleId), "There is no endpoint endpoint_id.")
        .Fails(StatusCodes.Status409Conflict, "The endpoint is disabled; or a request with this Idempotency-Key is still being worked on.")
        .Fails(Problem.Invalid("status", $"status must be one of {string.Join(", ", DeliveryStatus.All)}"),
            "A member is not acceptable, and errors names it; or the Idempotency-Key was used with another body.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        HttpContext context, IdempotentRequests requests, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        var caller = WebhookCaller.Of(context);
        var filter = RetryFilter.Read(members, clock.GetUtcNow().UtcDateTime);
        if (members.Problem is { } refusal) return refusal;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        if (filter.EndpointId is { } id)
        {
            (var endpoint, problem) = await EndpointRows.FindAsync(request.Connection, $"{id}", caller, cancellationToken);
            if (endpoint is null) return problem!;
            if (endpoint.DisabledAt is not null) return EndpointRows.IsDisabled(endpoint);
        }

        var done = filter.IsDryRun
            ? await CountAsync(database, filter, caller, cancellationToken)
            : await RunAsync(database, filter, caller, clock, cancellationToken);
        var reply = Reply.Done(StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(
            new RetryReply(done.Count, filter.IsDryRun, done.HasMore), WebhooksJson.Wire.RetryReply));
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static async Task<BatchesDone> CountAsync(
        NpgsqlDataSource database, RetryFilter filter, WebhookCaller caller, CancellationToken cancellationToken)
    {
        await using var command = filter.ToCommand(database, filter.Count, caller, MaxCount + 1);
        var count = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        return new(Math.Min(count, MaxCount), HasMore: count > MaxCount);
    }

    private static async Task<BatchesDone> RunAsync(
        NpgsqlDataSource database, RetryFilter filter, WebhookCaller caller, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var command = filter.ToCommand(database, filter.Send, caller, Batches.MaxRows);
        return await Batches.RunAsync(
            async () =>
            {
                var sent = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
                return (sent, sent);
            },
            Batches.MaxDuration, clock);
    }

    private sealed record RetryFilter(string? EventType, string Status, Guid? EndpointId, DateTime From, DateTime To, bool IsDryRun)
    {
        // One probe for each endpoint and type, of the index that has its deliveries of a status by their ids; those that wait are found by their time.
        private string Chosen =>
            $"""
            SELECT d.id, w.id AS endpoint_id FROM webhook_endpoints w CROSS JOIN unnest($1) AS t (type) CROSS JOIN LATERAL (
                SELECT id FROM webhook_deliveries WHERE endpoint_id = w.id AND status = '{Status}' AND event_type = t.type AND {InTime}
                LIMIT $4) AS d
            WHERE w.deleted_at IS NULL AND w.disabled_at IS NULL AND ($5::text IS NULL OR w.customer_id = $5){(EndpointId is null ? "" : " AND w.id = $6")}
            LIMIT $4
            """;

        // Not id >= $2 alone: whatever the parameters are, PostgreSQL expects little of such a range and takes the primary key, by which each probe reads the
        // whole time (300 ms with 300,000 rows, where this takes 1 ms).
        private string InTime => Status == DeliveryStatus.Pending
            ? $"{Batches.Waits} AND (status, id) >= ('{Status}', $2) AND (status, id) < ('{Status}', $3)"
            : $"(endpoint_id, status, event_type, id) >= (w.id, '{Status}', t.type, $2) "
                + $"AND (endpoint_id, status, event_type, id) < (w.id, '{Status}', t.type, $3)";

        public string Count => $"SELECT count(*) FROM (\n{Chosen}) AS chosen";

        public string Send =>
            $"""
            WITH chosen AS MATERIALIZED (
            {Chosen}),
            announced AS (UPDATE webhook_endpoints SET next_publish_at = least(next_publish_at, now()) WHERE id IN (SELECT endpoint_id FROM chosen)),
            changed AS (
                UPDATE webhook_deliveries d SET {Batches.SendAgain} FROM chosen WHERE d.id = chosen.id AND d.status = '{Status}' RETURNING d.id)
            SELECT count(*) FROM changed
            """;

        public static RetryFilter Read(JsonMembers members, DateTime now)
        {
            var (from, to) = (members.OptionalTime("from"), members.OptionalTime("to"));
            if (from >= to) members.Refuse("from", "must be earlier than to");

            // Without an end: ids have the database's clock, which may be ahead of ours.
            return new(
                members.OptionalText("event_type", $"must be one of {string.Join(", ", WebhookEvents.All)}", WebhookEvents.All.Contains),
                members.OptionalText("status", $"must be one of {string.Join(", ", DeliveryStatus.All)}", DeliveryStatus.All.Contains) ?? DeliveryStatus.Failed,
                members.OptionalUuid("endpoint_id"), from ?? DateTime.UnixEpoch, to ?? now.AddDays(1), members.OptionalFlag("dry_run") ?? false);
        }

        public NpgsqlCommand ToCommand(NpgsqlDataSource database, string sql, WebhookCaller caller, int limit)
        {
            var command = database.CreateCommand(sql);
            command.Parameters.Add(Parameter.Array<string>(EventType is null ? [.. WebhookEvents.All] : [EventType], NpgsqlDbType.Text));
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = UuidTime.FirstOf(From) });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = UuidTime.EndOf(To) });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
            command.Parameters.Add(Parameter.Text(caller.CustomerId));
            if (EndpointId is { } endpoint) command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint });
            return command;
        }
    }
}

/// <summary>The body as the documentation shows it: the filters of GET /webhooks.</summary>
[DisplayName("WebhookRetry")]
internal sealed record RetryBody(
    [property: Description("Only events of this type.")] string? EventType = null,
    [property: Description("Only deliveries with this status; without it failed.")]
    [property: AllowedValues(DeliveryStatus.Pending, DeliveryStatus.Delivered, DeliveryStatus.Failed)] string? Status = null,
    [property: Description("Only those of this endpoint.")] Guid? EndpointId = null,
    [property: Description("Only those made at this time (RFC 3339) or later.")] string? From = null,
    [property: Description("Only those made before this time (RFC 3339).")] string? To = null,
    [property: Description("Only count them.")] bool? DryRun = null);

/// <summary>The answer to a retry of many.</summary>
[DisplayName("WebhookRetryResult")]
internal sealed record RetryReply(
    [property: Description("How many deliveries are sent again, or would be.")] long Count,
    [property: Description("Whether they were only counted.")] bool DryRun,
    [property: Description("true: the time was over first; send it again.")] bool HasMore);
