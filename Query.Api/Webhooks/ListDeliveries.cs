using Contracts;
using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Webhooks;

/// <summary><c>GET /webhooks</c>: the delivery log, newest first, page by page.</summary>
internal static class ListDeliveries
{
    private const string EventRule = "must be an event's id, such as evt_019a6f6066667c3d9e4f0a1b2c3d4e5f";

    public static void MapListDeliveries(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listWebhookDeliveries")
            .WithSummary("The delivery log, newest first")
            .WithDescription("A page of deliveries: each event for each endpoint, how far that is, and what is sent. While there are more, the header Link "
                + "says where the next page is. GET /webhooks/{id} has every attempt.")
            .TakesOneOf("event_type", "Only those of events of this type.", WebhookEvents.All)
            .TakesOneOf("status", "Only those with this status.", DeliveryStatus.All)
            .TakesUuid("endpoint_id", "Only those to this endpoint; also to one that was deleted.")
            .TakesId("customer_id", "Only those to this customer's endpoints.")
            .TakesQuery("event_id", "Only those of this event.", new() { Type = JsonSchemaType.String, Pattern = EventBody.IdPattern })
            .TakesTime("from", "Only those made at this time or later, to the millisecond.")
            .TakesTime("to", "Only those made before this time, to the millisecond.")
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{DeliveryReply.Example}]");
    }

    private static async Task<Results<Ok<List<DeliveryReply>>, Problem>> HandleAsync(
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var filter = Filter.Read(context.Request.Query, context.WebhookScope(), out var errors);
        if (errors.Count > 0) return Problem.Invalid(errors);

        await using var command = NewestDeliveries.Command(database, filter);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<DeliveryReply>(filter.Page.Read);
        while (await row.ReadAsync(cancellationToken)) deliveries.Add(DeliveryReply.Read(row));
        return filter.Page.Answer(context, deliveries, last => new UuidCursor(last.Id));
    }

    /// <summary>Which deliveries a page shows.</summary>
    /// <param name="EventType">Only those of this type; null for all.</param>
    /// <param name="Status">Only with this status; null for all.</param>
    /// <param name="EndpointId">Only those to this endpoint; null for all.</param>
    /// <param name="CustomerId">Only those to this customer's endpoints; null for all.</param>
    /// <param name="EventId">Only those of this event; null for all.</param>
    /// <param name="From">Only those made at this time or later; null for all.</param>
    /// <param name="To">Only those made before this time; null for all.</param>
    /// <param name="Page">Which page.</param>
    internal sealed record Filter(
        string? EventType, string? Status, Guid? EndpointId, string? CustomerId, Guid? EventId, DateTime? From, DateTime? To, ListPage<UuidCursor> Page)
    {
        /// <summary>Reads the query parameters. The filter is not to be used when <paramref name="errors"/> is not empty.</summary>
        /// <param name="query">The request's.</param>
        /// <param name="scope">The only customer whose deliveries the caller may see; null for everybody's.</param>
        /// <param name="errors">What is wrong, by parameter.</param>
        public static Filter Read(IQueryCollection query, string? scope, out Dictionary<string, string[]> errors)
        {
            var parameters = new QueryParameters(query);
            var filter = new Filter(
                parameters.TakeOneOf("event_type", WebhookEvents.All),
                parameters.TakeOneOf("status", DeliveryStatus.All),
                parameters.TakeUuid("endpoint_id"),
                parameters.TakeCustomer(scope),
                parameters.Take("event_id", EventBody.ParseId, EventRule),
                parameters.TakeTime("from"),
                parameters.TakeTime("to"),
                parameters.TakePage(UuidCursor.Parse));
            errors = parameters.Errors;
            if (filter.From > filter.To) errors.TryAdd("to", ["to must not be earlier than from"]);
            return filter;
        }

        /// <summary>The id that none of the page's is smaller than.</summary>
        public Guid FirstId => From is { } from ? UuidTime.FirstOf(from) : Guid.Empty;

        /// <summary>The id that all of the page's are smaller than.</summary>
        public Guid BeforeId => To is { } to && UuidTime.EndOf(to) is var end && end < Page.Before() ? end : Page.Before();
    }
}
