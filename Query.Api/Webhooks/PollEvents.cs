using System.ComponentModel;
using System.Text;
using Contracts;
using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Webhooks;

/// <summary>
/// <c>GET /webhooks/events</c>: events in the order in which they were fanned out, for a receiver that missed some, or that asks instead of being told.
/// Positions become visible in their order, so whoever reads on from a cursor misses none.
/// </summary>
internal static class PollEvents
{
    /// <summary>How many positions a page looks through: by a filter that nothing matches too it costs no more, and the cursor goes on behind them.</summary>
    internal const int LookedThrough = 10_000;

    private const string AfterRule = "must be an event's id (evt_...) or next_cursor of the page before; leave it out to begin with the oldest that is kept";

    private const string Known =
        """
        SELECT (SELECT min(position) FROM webhook_events), (SELECT max(position) FROM webhook_events),
            (SELECT position FROM webhook_events WHERE id = $1 AND ($2 IS NULL OR customer_id = $2))
        """;

    private static readonly PageSize Size = new(Default: 100, Max: 200);

    public static void MapPollEvents(this RouteGroupBuilder group)
    {
        group.MapGet("/events", HandleAsync)
            .WithName("pollWebhookEvents")
            .WithSummary("Events, the oldest first: what a receiver missed")
            .WithDescription("The payloads of events in the order in which they were sent, as an endpoint without flat payloads gets them. Send next_cursor as "
                + "after: at once while has_more is true, also where data is empty; later when it is false, since it stays valid. Only events that an endpoint "
                + "wanted when they happened are kept.")
            .TakesQuery("after", "The last event that is known, by its id, or next_cursor of the page before.", new() { Type = JsonSchemaType.String })
            .TakesOneOf("event_type", "Only those of this type.", WebhookEvents.All)
            .TakesId("customer_id", "Only those of this customer's resources.")
            .TakesLimit(Size)
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing new matches.")
            .WithResponseExample(StatusCodes.Status200OK, EventPage.Example)
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.");
    }

    private static async Task<Results<Ok<EventPage>, Problem>> HandleAsync(
        HttpContext context, NpgsqlDataSource source, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var scope = context.WebhookScope();
        var parameters = new QueryParameters(context.Request.Query);
        var after = parameters.Take("after", After.Parse, AfterRule);
        var type = parameters.TakeOneOf("event_type", WebhookEvents.All);
        var customer = parameters.TakeCustomer(scope);
        var limit = parameters.TakeLimit(Size);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var known = await ReadKnownAsync(source, after?.EventId, scope, cancellationToken);
        if (after is { EventId: not null } && known.OfEvent is null)
            return Problem.Invalid("after", "after is the id of no event that is kept; leave it out to begin with the oldest");
        var window = Window.From(after?.Next ?? known.OfEvent + 1 ?? 1, known.First, known.Last);
        var rows = await Rows(database, window, type, customer, limit).ToListAsync(cancellationToken);
        return TypedResults.Ok(EventPage.Of(rows, limit, window));
    }

    /// <summary>The events of a page, and one more.</summary>
    internal static IQueryable<WebhookEvent> Rows(WebhooksDbContext database, Window window, string? type, string? customer, int limit)
    {
        var (first, end) = (window.First, window.End);
        var events = database.WebhookEvents.AsNoTracking()
            .Where(happened => happened.Position >= first && happened.Position < end && happened.ResourceId != WebhookEvent.TestResource);
        if (type is not null) events = events.Where(happened => happened.Type == type);
        if (customer is not null) events = events.Where(happened => happened.CustomerId == customer);
        return events.OrderBy(happened => happened.Position).Take(limit + 1);
    }

    private static async Task<(long? First, long? Last, long? OfEvent)> ReadKnownAsync(
        NpgsqlDataSource database, Guid? eventId, string? scope, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Known);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId ?? Guid.Empty });
        command.Parameters.Add(Parameter.Text(scope));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.IsDBNull(0) ? null : row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2));
    }

    /// <summary>Where to go on: behind an event, or at a position.</summary>
    private readonly record struct After(Guid? EventId, long? Next)
    {
        public static After? Parse(string text) =>
            EventBody.ParseId(text) is { } id ? new(id, null) : IdCursor.Parse(text) is { Id: var next } ? new(null, next) : null;
    }

    /// <summary>The positions that a page looks through.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="End">The first behind them.</param>
    /// <param name="HasMore">Whether there are events behind them.</param>
    internal readonly record struct Window(long First, long End, bool HasMore)
    {
        /// <summary>The next ones.</summary>
        /// <param name="next">Where to begin.</param>
        /// <param name="first">The first position that is kept: what is older is gone, and not looked for. Null without one.</param>
        /// <param name="last">The last one; null without one.</param>
        public static Window From(long next, long? first, long? last)
        {
            var begin = Math.Max(next, first ?? 1);
            var end = Math.Max(begin, Math.Min(begin + LookedThrough, (last ?? 0) + 1));
            return new(begin, end, end <= last);
        }
    }
}

/// <summary>A page of events.</summary>
[DisplayName("WebhookEventPage")]
internal sealed record EventPage(
    [property: Description("The payloads, the oldest first.")] IReadOnlyList<KeptJson> Data,
    [property: Description("Send it as after for the next page; it stays valid, also when this is the last page.")] string NextCursor,
    [property: Description("Whether to ask for the next page at once.")] bool HasMore)
{
    /// <summary>An example for the documents.</summary>
    public static string Example =>
        $$"""{"data":[{{ListEventTypes.ExampleOf(WebhookEvents.ChargeSucceeded)}}],"next_cursor":"AAAAAAAABNI","has_more":false}""";

    /// <summary>Makes it of rows that were read with a limit one higher than the page's.</summary>
    public static EventPage Of(List<WebhookEvent> rows, int limit, PollEvents.Window window)
    {
        var isFull = rows.Count > limit;
        var shown = isFull ? rows[..limit] : rows;

        // What was looked through is not looked at again, whether it matched or not.
        var next = isFull ? shown[^1].Position!.Value + 1 : window.End;
        return new(
            shown.ConvertAll(row => new KeptJson(Encoding.UTF8.GetString(EventBody.Of(row, PayloadStyle.Envelope)))), $"{new IdCursor(next)}",
            isFull || window.HasMore);
    }
}
