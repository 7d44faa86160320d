using System.ComponentModel;
using Data;
using Data.Payments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Payments;

/// <summary>
/// <c>GET /api/v1/deposits/{id}</c> and <c>GET /api/v1/withdrawals/{id}</c>: one payment. 404 when it does not exist, belongs to another user
/// or is of the other type: the answer does not tell which ids exist.
/// </summary>
internal static class GetPayment
{
    public static void MapGetPayment(this RouteGroupBuilder group, string name, string type)
    {
        Task<Results<Ok<PaymentReply>, Problem>> Handle(
            [Description("The payment's id.")] string id, HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken) =>
            HandleAsync(id, type, context, database, cancellationToken);

        group.MapGet("/{id}", Handle)
            .WithName($"get{name}")
            .WithSummary($"One {type}")
            .WithDescription($"Where a {type} stands. It ends as success or failed, with processed_at.")
            .WithPathNumber("id", 123)
            .Answers(StatusCodes.Status200OK, $"The {type}.")
            .WithResponseExample(StatusCodes.Status200OK, PaymentReply.ExampleOf(type, PaymentStatus.Success))
            .Fails(NotThere(type, 123), $"There is no such {type}, or it is not yours.");
    }

    private static async Task<Results<Ok<PaymentReply>, Problem>> HandleAsync(
        string id, string type, HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        if (!RowId.TryParse(id, out var paymentId)) return Problem.NotFound($"That is not a {type}'s id: one is a whole number from 1 on.");
        var payment = await database.Payments.AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == paymentId, cancellationToken);
        return payment?.Type == type && Caller.Of(context).MaySee(payment.UserId)
            ? TypedResults.Ok(PaymentReply.Of(payment))
            : NotThere(type, paymentId);
    }

    private static Problem NotThere(string type, long id) => Problem.NotFound($"You have no {type} {id}. GET /api/v1/{type}s lists those you have.");
}
