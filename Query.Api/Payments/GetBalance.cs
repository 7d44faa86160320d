using System.ComponentModel;
using Data.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace Query.Api.Payments;

/// <summary><c>GET /api/v1/users/{user_id}/balance</c>: what the user has, and how much of it is promised to withdrawals.</summary>
internal static class GetBalance
{
    // A user without an account has never had anything.
    private const string Sql =
        """
        SELECT users.currency, coalesce(accounts.balance, 0), coalesce(accounts.held, 0)
        FROM users LEFT JOIN accounts ON accounts.owner = $2 AND accounts.currency = users.currency
        WHERE users.id = $1
        """;

    public static void MapGetBalance(this RouteGroupBuilder group)
    {
        group.MapGet("/balance", HandleAsync).LimitedBy(RateLimitPolicy.Balance)
            .WithName("getBalance")
            .WithSummary("A user's balance")
            .WithDescription("balance is what is in the account, held what is promised to withdrawals on their way, available the rest: what may be withdrawn.")
            .WithPathExample("user_id", "1")
            .Answers(StatusCodes.Status200OK, "The balance.")
            .WithResponseExample(StatusCodes.Status200OK, BalanceReply.Example)
            .Fails(StatusCodes.Status404NotFound, "There is no such user.");
        group.MapMethods("/balance", [HttpMethods.Head], HandleAsync).LimitedBy(RateLimitPolicy.Balance).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<BalanceReply>, Problem>> HandleAsync(
        [FromRoute(Name = "user_id"), Description("Whose: your own, or anybody's for an administrator.")] string userId,
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (AccountPath.Refusal(userId, context, out var user) is { } refusal) return refusal;
        return await FindAsync(database, user, cancellationToken) is { } balance
            ? TypedResults.Ok(balance)
            : Problem.NotFound($"There is no user {user}.");
    }

    private static async Task<BalanceReply?> FindAsync(NpgsqlDataSource database, long userId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = userId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Accounts.OfUser(userId, "").Owner });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? BalanceReply.Of(userId, row.GetString(0), row.GetDecimal(1), row.GetDecimal(2)) : null;
    }
}

/// <summary>A user's balance.</summary>
internal sealed record BalanceReply(
    [property: Description("Whose.")] long UserId,
    [property: Description("What is in the account: a decimal, as text, with the currency's own number of decimals.")] string Balance,
    [property: Description("balance less held: what may be withdrawn.")] string Available,
    [property: Description("Promised to withdrawals on their way.")] string Held,
    [property: Description("ISO 4217, upper case.")] string Currency)
{
    /// <summary>An example for the documents.</summary>
    public const string Example = """{"user_id":1,"balance":"750.00","available":"500.00","held":"250.00","currency":"USD"}""";

    public static BalanceReply Of(long userId, string currency, decimal balance, decimal held) => new(
        userId, Contracts.Currency.Format(balance, currency), Contracts.Currency.Format(balance - held, currency), Contracts.Currency.Format(held, currency), currency);
}
