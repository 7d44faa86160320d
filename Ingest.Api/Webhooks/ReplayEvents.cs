using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
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
/// <c>POST /webhooks/endpoints/{id}/replay</c>: sends an endpoint the events of a time: those it never got (it was disabled, or not there yet), those that
/// failed, or all. Safe to repeat: an event has one delivery an endpoint, and one that is pending is left alone.
/// </summary>
internal static class ReplayEvents
{
    // Bounded by the events that are looked at, not by those that are sent: an endpoint may want one of a thousand.
    private const string Wanted =
        $"""
        WITH scanned AS MATERIALIZED (
            SELECT id, type, customer_id, resource_id, position FROM webhook_events WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3),
        wanted AS MATERIALIZED (
            SELECT e.id, e.type, d.id AS delivery_id
            FROM webhook_endpoints w CROSS JOIN scanned e LEFT JOIN webhook_deliveries d ON d.event_id = e.id AND d.endpoint_id = $4
            WHERE w.id = $4 AND w.deleted_at IS NULL AND w.disabled_at IS NULL AND e.position IS NOT NULL
                AND CASE WHEN d.id IS NULL THEN $5 AND e.resource_id <> '{WebhookEvent.TestResource}' AND {NewEvents.Wants} ELSE d.status = ANY ($6) END)
        """;

    private const string Scanned = "(SELECT count(*) FROM scanned), (SELECT id FROM scanned ORDER BY id DESC LIMIT 1)";

    private const string Count = $"{Wanted}\nSELECT (SELECT count(*) FROM wanted), {Scanned}";

    private const string Send =
        $"""
        {Wanted},
        announced AS (
            UPDATE webhook_endpoints SET next_publish_at = least(next_publish_at, now()) WHERE id = $4 AND EXISTS (SELECT FROM wanted)),
        inserted AS (
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, next_attempt_at)
            SELECT uuid_v7(), id, $4, type, now() FROM wanted WHERE delivery_id IS NULL ORDER BY id
            ON CONFLICT (event_id, endpoint_id) DO NOTHING RETURNING id),
        changed AS (
            UPDATE webhook_deliveries d SET {Batches.SendAgain} FROM wanted WHERE d.id = wanted.delivery_id AND d.status = ANY ($6) RETURNING d.id)
        SELECT (SELECT count(*) FROM inserted) + (SELECT count(*) FROM changed), {Scanned}
        """;

    public static void MapReplayEvents(this RouteGroupBuilder group) => group.MapPost("/endpoints/{id}/replay", HandleAsync)
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("replayWebhookEvents")
        .WithSummary("Sends an endpoint the events of a time again, or those it missed")
        .WithDescription(
            "only: missing (the default) sends the events that the endpoint wants and never got, and none twice; failed sends those whose last attempt failed; "
            + "all sends both, and those that were delivered once more. Their payload and webhook-id are the same as before. With dry_run: true the count "
            + "alone. The request works for some seconds at most; next_since says where to go on when it did not reach the end.")
        .WithPathUuid("id", EndpointRows.ExampleId)
        .Accepts<ReplayBody>("application/json")
        .WithRequestExample("""{"since":"2026-01-15T00:00:00Z","only":"missing","dry_run":true}""")
        .Produces<ReplayReply>(StatusCodes.Status202Accepted)
        .Answers(StatusCodes.Status202Accepted, "How many are sent, or would be.")
        .WithResponseExample(StatusCodes.Status202Accepted,
            $$"""{"endpoint_id":"{{EndpointRows.ExampleId}}","count":42,"dry_run":true,"next_since":null}""")
        .FailsAsWrites()
        .Fails(EndpointRows.ForAdministrators, "Endpoints for events operations.* need an admin key.")
        .Fails(EndpointRows.NoEndpoint(EndpointRows.ExampleId), "There is no such endpoint.")
        .Fails(StatusCodes.Status409Conflict, "The endpoint is disabled; or a request with this Idempotency-Key is still being worked on.")
        .Fails(Problem.Invalid("since", $"since is missing; it {TimeMembers.Rule}"),
            "A member is not acceptable, and errors names it; or the Idempotency-Key was used with another body.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, IdempotentRequests requests, NpgsqlDataSource database, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"since":"2026-01-15T00:00:00Z"}""", cancellationToken);
        if (members is null) return problem!;
        var replay = Replay.Read(members, clock.GetUtcNow().UtcDateTime);
        if (members.Problem is { } refusal) return refusal;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        (var endpoint, problem) = await EndpointRows.FindAsync(request.Connection, id, WebhookCaller.Of(context), cancellationToken);
        if (endpoint is null) return problem!;
        if (endpoint.DisabledAt is not null) return EndpointRows.IsDisabled(endpoint);
        var (count, next) = await RunAsync(database, replay, endpoint.Id, clock, cancellationToken);
        var reply = Reply.Done(StatusCodes.Status202Accepted, JsonSerializer.SerializeToUtf8Bytes(
            new ReplayReply(endpoint.Id, count, replay.IsDryRun, next), WebhooksJson.Wire.ReplayReply));
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    /// <summary>How many events are sent, and where to go on when the time was over before the end.</summary>
    internal static async Task<(long Count, DateTime? Next)> RunAsync(
        NpgsqlDataSource database, Replay replay, Guid endpointId, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(replay.IsDryRun ? Count : Send);
        var after = new NpgsqlParameter<Guid> { TypedValue = UuidTime.FirstOf(replay.Since) };
        command.Parameters.Add(after);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = UuidTime.EndOf(replay.Until) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batches.MaxRows });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpointId });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = replay.TakesMissing });
        command.Parameters.Add(Parameter.Array(replay.Statuses, NpgsqlDbType.Text));
        var done = await Batches.RunAsync(
            async () =>
            {
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                await row.ReadAsync(cancellationToken);
                var (changed, seen) = (row.GetInt64(0), row.GetInt64(1));
                if (seen == Batches.MaxRows) after.TypedValue = row.GetGuid(2);
                return (changed, seen);
            },
            Batches.MaxDuration, clock);
        return (done.Count, done.HasMore ? UuidTime.Of(after.TypedValue) : null);
    }

    /// <summary>What is asked for.</summary>
    internal sealed record Replay(DateTime Since, DateTime Until, string Only, bool IsDryRun)
    {
        /// <summary>Whether events are sent that the endpoint has no delivery of.</summary>
        public bool TakesMissing => Only != ReplayMode.Failed;

        /// <summary>The deliveries that are sent again.</summary>
        public string[] Statuses => Only switch
        {
            ReplayMode.Missing => [],
            ReplayMode.Failed => [DeliveryStatus.Failed],
            _ => [DeliveryStatus.Failed, DeliveryStatus.Delivered],
        };

        public static Replay Read(JsonMembers members, DateTime now)
        {
            var since = members.Time("since");
            var until = members.OptionalTime("until");
            if (since >= (until ?? now)) members.Refuse("since", until is null ? "must be in the past" : "must be earlier than until");

            // Without an end: ids have the database's clock, which may be ahead of ours.
            return new(
                since ?? default, until ?? now.AddDays(1),
                members.OptionalText("only", $"must be one of {string.Join(", ", ReplayMode.All)}", ReplayMode.All.Contains) ?? ReplayMode.Missing,
                members.OptionalFlag("dry_run") ?? false);
        }
    }
}

/// <summary>Which events of the time are sent.</summary>
internal static class ReplayMode
{
    /// <summary>Those that the endpoint wants and has no delivery of.</summary>
    public const string Missing = "missing";

    /// <summary>Those whose delivery failed.</summary>
    public const string Failed = "failed";

    /// <summary>Both, and those that were delivered.</summary>
    public const string Everything = "all";

    public static IReadOnlyList<string> All { get; } = [Missing, Failed, Everything];
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("WebhookReplay")]
internal sealed record ReplayBody(
    [property: Description("Events of this time and later.")] DateTimeOffset Since,
    [property: Description("Events before this time (RFC 3339); without it up to now.")] string? Until = null,
    [property: Description("Which of them; without it missing."), AllowedValues(ReplayMode.Missing, ReplayMode.Failed, ReplayMode.Everything)]
    string? Only = null,
    [property: Description("Only count them.")] bool? DryRun = null);

/// <summary>The answer to a replay.</summary>
[DisplayName("WebhookReplayResult")]
internal sealed record ReplayReply(
    [property: Description("The endpoint, a UUID.")] Guid EndpointId,
    [property: Description("How many events are sent, or would be.")] long Count,
    [property: Description("Whether they were only counted.")] bool DryRun,
    [property: Description("null: all of the time was looked at. Else the time was over first; send it again with this as since for the rest.")]
    DateTime? NextSince);
