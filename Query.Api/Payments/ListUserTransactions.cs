using System.ComponentModel;
using Data.Payments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace Query.Api.Payments;

/// <summary><c>GET /api/v1/users/{user_id}/transactions</c>: a user's deposits and withdrawals in one list, newest first.</summary>
internal static class ListUserTransactions
{
    public static void MapListUserTransactions(this RouteGroupBuilder group)
    {
        var list = group.MapGet("/transactions", HandleAsync).LimitedBy(RateLimitPolicy.History)
            .WithName("listUserTransactions")
            .WithSummary("A user's deposits and withdrawals, newest first")
            .WithDescription("While has_more is true send next_cursor as cursor, or the next offset, with the same type and status.")
            .WithPathNumber("user_id", 1);
        PaymentFilter.TakesPayments(PaymentFilter.TakesType(list))
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, ReadPayments.ExampleOf(PaymentType.Deposit))
            .Fails(AccountPath.NotAnId, "That is not a user's id.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.");
    }

    private static async Task<Results<Ok<OffsetPage<PaymentReply>>, Problem>> HandleAsync(
        [FromRoute(Name = "user_id"), Description("The user: your own id, or any for an administrator.")] string userId,
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (AccountPath.Refusal(userId, context, out var user) is { } refusal) return refusal;
        var filter = PaymentFilter.Read(context.Request.Query, user, type: null, out var errors);
        return errors.Count > 0 ? Problem.Invalid(errors) : TypedResults.Ok(await ReadPayments.PageAsync(database, filter, cancellationToken));
    }
}
