using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Data;
using Data.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace Query.Api.Payments;

/// <summary><c>GET /api/v1/users/{user_id}/balance</c>: a user's balance and the part of it that withdrawals hold.</summary>
internal static class GetBalance
{
    public static void MapGetBalance(this RouteGroupBuilder group)
    {
        group.MapGet("/balance", HandleAsync).LimitedBy(RateLimitPolicy.Balance)
            .WithName("getBalance")
            .WithSummary("A user's balance")
            .WithDescription("balance is the amount in the account, held the part that pending withdrawals reserve, available the rest: what may be withdrawn.")
            .WithPathNumber("user_id", 1)
            .Answers(StatusCodes.Status200OK, "The balance.")
            .WithResponseExample(StatusCodes.Status200OK, BalanceReply.Example)
            .Fails(NoUser(1), "There is no such user.");
    }

    private static async Task<Results<Ok<BalanceReply>, Problem>> HandleAsync(
        [FromRoute(Name = "user_id"), Description("The user: your own id, or any for an administrator.")] string userId,
        HttpContext context, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        if (AccountPath.Refusal(userId, context, out var user) is { } refusal) return refusal;
        return await FindAsync(database, user, cancellationToken) is { } balance
            ? TypedResults.Ok(balance)
            : NoUser(user);
    }

    private static Problem NoUser(long user) => Problem.NotFound($"There is no user {user}.");

    private static async Task<BalanceReply?> FindAsync(WebhooksDbContext database, long userId, CancellationToken cancellationToken)
    {
        // A user without an account has had no payment yet.
        var owner = Accounts.OfUser(userId, "").Owner;
        var found = await (
            from user in database.Users
            join account in database.Accounts on new { Owner = owner, user.Currency } equals new { account.Owner, account.Currency } into accounts
            from account in accounts.DefaultIfEmpty()
            where user.Id == userId
            select new { user.Currency, Balance = (decimal?)account.Balance, Held = (decimal?)account.Held }).SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : BalanceReply.Of(userId, found.Currency, found.Balance ?? 0, found.Held ?? 0);
    }
}

/// <summary>A user's balance.</summary>
[DisplayName("Balance")]
internal sealed record BalanceReply(
    [property: Description("The user.")] long UserId,
    [property: Description("The amount in the account: a decimal, as text, with the currency's own number of decimals.")]
    [property: RegularExpression(Contracts.Currency.AmountPattern)] string Balance,
    [property: Description("balance less held: what may be withdrawn."), RegularExpression(Contracts.Currency.AmountPattern)] string Available,
    [property: Description("Reserved by pending withdrawals."), RegularExpression(Contracts.Currency.AmountPattern)] string Held,
    [property: Description("ISO 4217, upper case."), RegularExpression(Contracts.Currency.CodePattern)] string Currency)
{
    /// <summary>An example for the documents.</summary>
    public const string Example = """{"user_id":1,"balance":"750.00","available":"500.00","held":"250.00","currency":"USD"}""";

    public static BalanceReply Of(long userId, string currency, decimal balance, decimal held) => new(
        userId,
        Contracts.Currency.Format(balance, currency),
        Contracts.Currency.Format(balance - held, currency),
        Contracts.Currency.Format(held, currency),
        currency);
}
