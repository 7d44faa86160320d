using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Webhooks;

/// <summary><c>GET /webhooks/endpoints</c>: newest first, page by page; those that were deleted are not shown.</summary>
internal static class ListEndpoints
{
    public static void MapListEndpoints(this RouteGroupBuilder group)
    {
        group.MapGet("/endpoints", HandleAsync)
            .WithName("listWebhookEndpoints")
            .WithSummary("Endpoints, newest first")
            .WithDescription("A page of endpoints, without their secrets. While there are more, the header Link says where the next page is.")
            .TakesId("customer_id", "Only this customer's.")
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when there are none.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{EndpointReply.Example}]");
    }

    private static async Task<Results<Ok<List<EndpointReply>>, Problem>> HandleAsync(
        HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(context.Request.Query);
        var customer = parameters.TakeCustomer(context.WebhookScope());
        var page = parameters.TakePage(UuidCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);
        var endpoints = await Rows(database, customer, page).ToListAsync(cancellationToken);
        return page.Answer(context, endpoints.ConvertAll(EndpointReply.Of), last => new UuidCursor(last.Id));
    }

    /// <summary>The rows of a page, and one more.</summary>
    internal static IQueryable<WebhookEndpoint> Rows(WebhooksDbContext database, string? customer, ListPage<UuidCursor> page)
    {
        var before = page.Before();
        var endpoints = database.WebhookEndpoints.AsNoTracking().Where(endpoint => endpoint.DeletedAt == null && endpoint.Id < before);
        if (customer is not null) endpoints = endpoints.Where(endpoint => endpoint.CustomerId == customer);
        return endpoints.OrderByDescending(endpoint => endpoint.Id).Skip(page.Skip).Take(page.Read);
    }
}
