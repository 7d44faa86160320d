using Data;
using Data.Charges;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Charges;

/// <summary><c>GET /charges</c>: newest first, page by page.</summary>
internal static class ListCharges
{
    public static void MapListCharges(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listCharges")
            .WithSummary("Charges, newest first")
            .WithDescription("A page of charges. While there are more, the header Link says where the next page is.")
            .TakesId("customer_id", "Only this customer's.")
            .TakesOneOf("status", "Only those with this status.", ChargeStatus.All)
            .TakesUuid("installment_order_id", "Only those of this installment order.")
            .TakesCreated()
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{ChargeReply.Example}]");
    }

    private static async Task<Results<Ok<List<ChargeReply>>, Problem>> HandleAsync(
        HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var filter = Filter.Read(context.Request.Query, out var errors);
        if (errors.Count > 0) return Problem.Invalid(errors);
        var charges = await Rows(database, filter).ToListAsync(cancellationToken);
        return filter.Page.Answer(context, charges.ConvertAll(ChargeReply.Of), last => new UuidCursor(last.Id));
    }

    /// <summary>The rows of a page, and one more.</summary>
    internal static IQueryable<Charge> Rows(WebhooksDbContext database, Filter filter)
    {
        if (filter.OrderId is not { } order) return database.Charges.Newest(filter.Statuses, filter.CustomerId, filter.Page, filter.Created);

        // An order has some tens of charges at most: all of them are looked at.
        var (first, before) = (filter.Created.FirstId, filter.Created.Before(filter.Page));
        var charges = database.Charges.AsNoTracking().Where(charge => charge.InstallmentOrderId == order && charge.Id < before && charge.Id >= first);
        if (filter.CustomerId is { } customer) charges = charges.Where(charge => charge.CustomerId == customer);
        if (filter.Status is { } status) charges = charges.Where(charge => charge.Status == status);
        return charges.OrderByDescending(charge => charge.Id).Skip(filter.Page.Skip).Take(filter.Page.Read);
    }

    /// <summary>Which charges a page shows.</summary>
    /// <param name="CustomerId">Only this customer's; null for all.</param>
    /// <param name="Status">Only with this status; null for all.</param>
    /// <param name="OrderId">Only those of this installment order; null for all.</param>
    /// <param name="Created">Only those of this time.</param>
    /// <param name="Page">Which page.</param>
    internal sealed record Filter(string? CustomerId, string? Status, Guid? OrderId, CreatedPeriod Created, ListPage<UuidCursor> Page)
    {
        /// <summary>The statuses to show.</summary>
        public IReadOnlyList<string> Statuses => Status is { } one ? [one] : ChargeStatus.All;

        /// <summary>Reads the query parameters. The filter is not to be used when <paramref name="errors"/> is not empty.</summary>
        public static Filter Read(IQueryCollection query, out Dictionary<string, string[]> errors)
        {
            var parameters = new QueryParameters(query);
            var filter = new Filter(
                parameters.TakeId("customer_id", "a customer's id"),
                parameters.TakeOneOf("status", ChargeStatus.All),
                parameters.TakeUuid("installment_order_id"),
                parameters.TakeCreated(),
                parameters.TakePage(UuidCursor.Parse));
            errors = parameters.Errors;
            return filter;
        }
    }
}
