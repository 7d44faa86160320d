using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Contracts;
using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Query.Api.Lists;
using Query.Api.Stats;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Webhooks;

/// <summary><c>GET /webhooks/endpoints/{id}/stats</c>: how the deliveries of an endpoint go, for a chart.</summary>
internal static class GetEndpointStats
{
    private static readonly StatsWindow[] Windows =
        [new("24h", TimeSpan.FromHours(24), TimeSpan.FromHours(1)), new("7d", TimeSpan.FromDays(7), TimeSpan.FromHours(6))];

    // Ids rise with time, so a bucket is a range of them, and the index has each type and status of an endpoint by id: index entries alone are counted, a probe
    // of four blocks for each bucket, status and type. (A range of the index's columns together, as RetryDeliveries has it, read 130 blocks a probe: without a
    // LIMIT one of its ends does not hold.) Where one endpoint has nearly all deliveries and autovacuum is far behind, PostgreSQL takes the primary key.
    private const string Counted =
        """
        SELECT b.n::int, s.status, sum(c.count)::bigint
        FROM unnest($1, $2) WITH ORDINALITY AS b (first, after, n), unnest($3) AS s (status), unnest($4) AS t (type), LATERAL (
            SELECT count(*) FROM webhook_deliveries
            WHERE status <> 'pending' AND endpoint_id = $5 AND status = s.status AND event_type = t.type AND id >= b.first AND id < b.after) AS c
        GROUP BY 1, 2
        UNION ALL
        SELECT 0, 'pending', coalesce(sum(c.count), 0)::bigint FROM unnest($4) AS t (type), LATERAL (
            SELECT count(*) FROM webhook_deliveries
            WHERE status = 'pending' AND endpoint_id = $5 AND event_type = t.type AND id >= $6) AS c
        """;

    public static void MapGetEndpointStats(this RouteGroupBuilder group)
    {
        group.MapGet("/endpoints/{id}/stats", HandleAsync)
            .WithName("getWebhookEndpointStats")
            .WithSummary("How an endpoint's deliveries go")
            .WithDescription("Of the deliveries that were made in the window how many are delivered, failed, or still pending, and the first two by the time "
                + "at which they were made.")
            .WithPathUuid("id", GetEndpoint.ExampleId)
            .TakesOneOf("window", "The period; 24h unless said.", [.. Windows.Select(window => window.Name)])
            .Answers(StatusCodes.Status200OK, "The figures.")
            .WithResponseExample(StatusCodes.Status200OK, EndpointStatsReply.Example)
            .Fails(GetEndpoint.NoEndpoint(GetEndpoint.ExampleId), "There is no such endpoint, or it is another customer's.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "window is not one of these; `errors` says which are.");
    }

    private static async Task<Results<Ok<EndpointStatsReply>, Problem>> HandleAsync(
        [Description("The endpoint's id.")] string id, HttpContext context, WebhooksDbContext rows, NpgsqlDataSource database, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (endpoint, problem) = await GetEndpoint.FindAsync(rows, id, context, cancellationToken);
        if (endpoint is null) return problem!;
        var parameters = new QueryParameters(context.Request.Query);
        var name = parameters.TakeOneOf("window", [.. Windows.Select(window => window.Name)]);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var window = Windows.SingleOrDefault(known => known.Name == name) ?? Windows[0];
        var begins = BeginsOf(window, clock.GetUtcNow());
        await using var command = ToCommand(database, endpoint.Id, begins);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var (counts, pending) = (begins.Select(at => new EndpointStatsBucket(at, 0, 0)).ToArray(), 0L);
        while (await row.ReadAsync(cancellationToken))
        {
            var (n, count) = (row.GetInt32(0) - 1, row.GetInt64(2));
            if (row.GetString(1) == DeliveryStatus.Delivered) counts[n] = counts[n] with { Delivered = count };
            else if (row.GetString(1) == DeliveryStatus.Failed) counts[n] = counts[n] with { Failed = count };
            else pending = count;
        }

        return TypedResults.Ok(new EndpointStatsReply(
            endpoint.Id, window.Name, (int)window.Bucket.TotalSeconds, counts.Sum(bucket => bucket.Delivered), counts.Sum(bucket => bucket.Failed), pending,
            counts));
    }

    /// <summary>When each bucket begins.</summary>
    internal static DateTime[] BeginsOf(StatsWindow window, DateTimeOffset now)
    {
        var begins = new List<DateTime>();
        for (var at = window.StartAt(now); at <= now.UtcDateTime; at += window.Bucket) begins.Add(at);
        return [.. begins];
    }

    /// <summary>Counts the buckets that begin at these times; the last one has no end, because ids have the database's clock, which may be ahead.</summary>
    internal static NpgsqlCommand ToCommand(NpgsqlDataSource database, Guid endpoint, DateTime[] begins)
    {
        Guid[] firsts = [.. begins.Select(UuidTime.FirstOf)];
        var command = database.CreateCommand(Counted);
        command.Parameters.Add(Parameter.Array(firsts, NpgsqlDbType.Uuid));
        command.Parameters.Add(Parameter.Array([.. firsts[1..], Guid.AllBitsSet], NpgsqlDbType.Uuid));
        command.Parameters.Add(Parameter.Array([DeliveryStatus.Delivered, DeliveryStatus.Failed], NpgsqlDbType.Text));
        command.Parameters.Add(Parameter.Array([.. WebhookEvents.All], NpgsqlDbType.Text));
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = firsts[0] });
        return command;
    }
}

/// <summary>How an endpoint's deliveries go.</summary>
[DisplayName("WebhookEndpointStats")]
internal sealed record EndpointStatsReply(
    [property: Description("The endpoint, a UUID.")] Guid EndpointId,
    [property: Description("The period that the deliveries were made in: 24h or 7d."), AllowedValues("24h", "7d")] string Window,
    [property: Description("The seconds of each entry of series.")] int BucketSeconds,
    [property: Description("How many of the window's are delivered.")] long Delivered,
    [property: Description("How many are failed.")] long Failed,
    [property: Description("How many are still pending.")] long Pending,
    [property: Description("By time, oldest first; a bucket in which nothing happened is there with zeros.")] IReadOnlyList<EndpointStatsBucket> Series)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        $$"""
        {"endpoint_id":"{{GetEndpoint.ExampleId}}","window":"24h","bucket_seconds":3600,"delivered":1204,"failed":3,"pending":1,
         "series":[{"at":"2026-01-14T10:00:00Z","delivered":50,"failed":0},{"at":"2026-01-14T11:00:00Z","delivered":61,"failed":1}]}
        """;
}

/// <summary>A bucket of the series.</summary>
[DisplayName("WebhookEndpointStatsBucket")]
internal sealed record EndpointStatsBucket(
    [property: Description("Its begin, UTC.")] DateTime At,
    [property: Description("Deliveries made in it that are delivered.")] long Delivered,
    [property: Description("Those that are failed.")] long Failed);
