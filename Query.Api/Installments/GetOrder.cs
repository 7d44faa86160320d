using System.ComponentModel;
using Data;
using Data.Installments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Installments;

/// <summary><c>GET /installments/orders/{order_id}</c>: one order with its installments, or 404.</summary>
internal static class GetOrder
{
    /// <summary>The id in the documents.</summary>
    public const string ExampleId = "019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f";

    public static void MapGetOrder(this RouteGroupBuilder group)
    {
        group.MapGet("/orders/{order_id}", HandleAsync)
            .WithName("getInstallmentOrder")
            .WithSummary("One installment order")
            .WithDescription("Where an order stands, with all of its installments.")
            .WithPathUuid("order_id", ExampleId)
            .Answers(StatusCodes.Status200OK, "The order.")
            .WithResponseExample(StatusCodes.Status200OK, OrderReply.Example)
            .Fails(NoOrder(ExampleId), "There is no such order.");
    }

    private static async Task<Results<Ok<OrderReply>, Problem>> HandleAsync(
        [FromRoute(Name = "order_id"), Description("The order's id.")] string id, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var orderId)) return NotAnId;
        var order = await database.InstallmentOrders.AsNoTracking().SingleOrDefaultAsync(order => order.Id == orderId, cancellationToken);
        if (order is null) return NoOrder($"{orderId}");
        return TypedResults.Ok(OrderReply.Of(order, await ListOrders.InstallmentsOf(database, [orderId]).ToListAsync(cancellationToken)));
    }

    /// <summary>The 404 for a text that cannot be an order's id.</summary>
    public static Problem NotAnId =>
        Problem.NotFound($"That is not an order's id: one is a UUID, such as {ExampleId}. GET /installments/orders lists those there are.");

    /// <summary>The 404 for an id that no order has.</summary>
    public static Problem NoOrder(string id) => Problem.NotFound($"There is no installment order {id}. GET /installments/orders lists those there are.");
}
