using Data.Payments;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Payments;

/// <summary><c>GET /api/v1/deposits</c> and <c>GET /api/v1/withdrawals</c>: the caller's, newest first; an administrator gets those of all users.</summary>
internal static class ListPayments
{
    public static void MapListPayments(this RouteGroupBuilder group, string name, string type)
    {
        Task<Results<Ok<OffsetPage<PaymentReply>>, Problem>> Handle(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
            HandleAsync(type, context, database, cancellationToken);

        var list = group.MapGet("", Handle)
            .WithName($"list{name}s")
            .WithSummary($"{name}s, newest first")
            .WithDescription(
                $"Your {type}s; an administrator gets those of all users. "
                + "While has_more is true send next_cursor as cursor, or the next offset, with the same status.");
        PaymentFilter.TakesPayments(PaymentFilter.TakesUser(list))
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, ReadPayments.ExampleOf(type))
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.");
    }

    private static async Task<Results<Ok<OffsetPage<PaymentReply>>, Problem>> HandleAsync(
        string type, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        var filter = PaymentFilter.Read(context.Request.Query, caller.IsAdmin ? null : caller.UserId, type, out var errors);
        return errors.Count > 0 ? Problem.Invalid(errors) : TypedResults.Ok(await ReadPayments.PageAsync(database, filter, cancellationToken));
    }
}
