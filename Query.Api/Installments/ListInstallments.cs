using System.ComponentModel;
using Data;
using Data.Installments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Installments;

/// <summary><c>GET /installments/orders/{order_id}/installments</c>: an order's installments, the first one first.</summary>
internal static class ListInstallments
{
    public static void MapListInstallments(this RouteGroupBuilder group)
    {
        group.MapGet("/orders/{order_id}/installments", HandleAsync)
            .WithName("listInstallments")
            .WithSummary("An order's installments, the first one first")
            .WithDescription("By their number. An order has no more of them than a page without limit shows.")
            .WithPathUuid("order_id", GetOrder.ExampleId)
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "The installments.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{InstallmentReply.Example}]")
            .Fails(GetOrder.NoOrder(GetOrder.ExampleId), "There is no such order.");
    }

    private static async Task<Results<Ok<List<InstallmentReply>>, Problem>> HandleAsync(
        [FromRoute(Name = "order_id"), Description("The order's id.")] string id,
        HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var orderId)) return GetOrder.NotAnId;
        var parameters = new QueryParameters(context.Request.Query);
        var page = parameters.TakePage(IdCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);
        var currency = await database.InstallmentOrders.Where(order => order.Id == orderId).Select(order => order.Currency)
            .SingleOrDefaultAsync(cancellationToken);
        if (currency is null) return GetOrder.NoOrder($"{orderId}");

        var after = page.After?.Id ?? 0;
        var installments = await database.Installments.AsNoTracking()
            .Where(installment => installment.OrderId == orderId && installment.Number > after)
            .OrderBy(installment => installment.Number).Skip(page.Skip).Take(page.Read).ToListAsync(cancellationToken);
        return page.Answer(
            context, installments.ConvertAll(installment => InstallmentReply.Of(installment, currency)), last => new IdCursor(last.InstallmentNumber));
    }
}
