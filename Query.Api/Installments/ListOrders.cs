using Data;
using Data.Installments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Installments;

/// <summary><c>GET /installments/orders</c>: newest first, page by page, each with its installments.</summary>
internal static class ListOrders
{
    public static void MapListOrders(this RouteGroupBuilder group)
    {
        group.MapGet("/orders", HandleAsync)
            .WithName("listInstallmentOrders")
            .WithSummary("Installment orders, newest first")
            .WithDescription("A page of orders, each with its installments. While there are more, the header Link says where the next page is.")
            .TakesId("customer_id", "Only this customer's.")
            .TakesOneOf("status", "Only those with this status.", OrderStatus.All)
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{OrderReply.Example}]");
    }

    private static async Task<Results<Ok<List<OrderReply>>, Problem>> HandleAsync(
        HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(context.Request.Query);
        var customer = parameters.TakeId("customer_id", "a customer's id");
        var status = parameters.TakeOneOf("status", OrderStatus.All);
        var page = parameters.TakePage(UuidCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var orders = await database.InstallmentOrders.Newest(status is null ? OrderStatus.All : [status], customer, page).ToListAsync(cancellationToken);
        var installments = await ReadInstallmentsAsync(database, orders, cancellationToken);
        return page.Answer(context, orders.ConvertAll(order => OrderReply.Of(order, installments[order.Id])), last => new UuidCursor(last.Id));
    }

    /// <summary>The installments of all these orders, by one statement.</summary>
    private static async Task<ILookup<Guid, Installment>> ReadInstallmentsAsync(
        WebhooksDbContext database, List<InstallmentOrder> orders, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. orders.Select(order => order.Id)];
        var installments = await InstallmentsOf(database, ids).ToListAsync(cancellationToken);
        return installments.ToLookup(installment => installment.OrderId);
    }

    /// <summary>The installments of these orders.</summary>
    internal static IQueryable<Installment> InstallmentsOf(WebhooksDbContext database, Guid[] orders) =>
        database.Installments.AsNoTracking().Where(installment => orders.Contains(installment.OrderId));
}
