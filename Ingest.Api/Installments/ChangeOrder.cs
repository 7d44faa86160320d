using System.ComponentModel;
using System.Text.Json;
using Data.Installments;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Installments;

/// <summary><c>POST /installments/orders/{order_id}/activate</c> and <c>/cancel</c>. Either again is answered the same and changes nothing.</summary>
internal static class ChangeOrder
{
    private const string AnyId = "019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f";

    public static void MapActivateOrder(this RouteGroupBuilder group) => group.MapChange(
            "activate", order => order.Activate(), "Installment order activated successfully", "Only a pending order can be activated")
        .WithName("activateInstallmentOrder")
        .WithSummary("Has a pending order's installments charged when they fall due")
        .WithDescription("What is overdue by then is charged at once. An order that is active already stays as it is.");

    public static void MapCancelOrder(this RouteGroupBuilder group) => group.MapChange(
            "cancel", order => order.Cancel(), "Installment order cancelled successfully", "Only a pending or an active order can be cancelled")
        .WithName("cancelInstallmentOrder")
        .WithSummary("Stops an order: what is not paid is not charged any more")
        .WithDescription("What is paid stays paid; refunds are made by charge. An installment whose charge is pending ends as that charge ends: paid when the "
            + "money was taken nevertheless, else cancelled.");

    private static RouteHandlerBuilder MapChange(
        this RouteGroupBuilder group, string action, Func<LockedOrder, bool> change, string message, string allowed) => group
        .MapPost($"/orders/{{order_id}}/{action}", (
            [Description("The order's id.")] string order_id, HttpContext context, IdempotentRequests requests,
            CancellationToken cancellationToken) => HandleAsync(order_id, change, message, allowed, context, requests, cancellationToken))
        .TakesIdempotencyKey(isRequired: false)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithPathUuid("order_id", AnyId)
        .Produces<ChangedOrderReply>()
        .Answers(StatusCodes.Status200OK, "The order as it is now.")
        .WithResponseExample(StatusCodes.Status200OK, $$"""{"message":"{{message}}","order":{{OrderReply.Example}}}""")
        .FailsAsWrites()
        .Fails(NotAllowed(OrderStatus.Completed, allowed), "The order's state does not allow it, and detail names it; or the Idempotency-Key was used for "
            + "another body.")
        .Fails(NoOrder(AnyId), "There is no such order.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        string id, Func<LockedOrder, bool> change, string message, string allowed, HttpContext context, IdempotentRequests requests,
        CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out var orderId)) return NoOrder(id);
        var (members, problem) = await JsonMembers.ReadOptionalAsync(context.Request, cancellationToken);
        if (members is null) return problem!;
        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        if (await OrderRows.LockAsync(request.Connection, orderId, cancellationToken) is not { } order) return NoOrder(id);
        var reply = change(order) ? ToReply(message, order) : Reply.Refused(NotAllowed(order.Order.Status, allowed), context);
        await OrderRows.WriteAsync(request.Connection, order, cancellationToken);
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static Reply ToReply(string message, LockedOrder order) => Reply.Done(
        StatusCodes.Status200OK,
        JsonSerializer.SerializeToUtf8Bytes(
            new ChangedOrderReply(message, OrderReply.Of(order.Order, order.Installments)), InstallmentsJson.Wire.ChangedOrderReply));

    private static Problem NotAllowed(string status, string allowed) => new(
        StatusCodes.Status422UnprocessableEntity, "order_state", $"{allowed}, and this one is {status}. Nothing was changed.");

    private static Problem NoOrder(string id) => Problem.NotFound(
        Guid.TryParseExact(id, "D", out _)
            ? $"There is no installment order {id}. GET /installments/orders lists those there are."
            : "That is not an installment order's id: one is a UUID.");
}

/// <summary>The answer to a change of an order.</summary>
[DisplayName("ChangedInstallmentOrder")]
internal sealed record ChangedOrderReply([property: Description("For people.")] string Message, [property: Description("As it is now.")] OrderReply Order);
