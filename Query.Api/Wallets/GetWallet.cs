using System.ComponentModel;
using Contracts;
using Data;
using Data.Wallets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Wallets;

/// <summary><c>GET /wallets/{customer_id}</c>: a customer's wallet, as it is or with the balance that it had at a time.</summary>
internal static class GetWallet
{
    private const string Now = $"{WalletReply.Select} WHERE w.customer_id = $1";

    public static void MapGetWallet(this RouteGroupBuilder group)
    {
        group.MapGet("/{customer_id}", HandleAsync)
            .WithName("getWallet")
            .WithSummary("A customer's wallet")
            .WithDescription("The wallet with its balance. With at, balance and updated_at are those of that time, whatever happened later; before the first "
                + "change they are 0 and null. A change counts from the begin of the database transaction that made it: asked for the middle of a moment in "
                + "which several were made at once, the balance is that after one of them.")
            .WithPathCustomer()
            .TakesTime("at", "The time that the balance is of; without it, now.")
            .Answers(StatusCodes.Status200OK, "The wallet.")
            .WithResponseExample(StatusCodes.Status200OK, WalletReply.Example)
            .Fails(NoWallet("cust_42"), "This customer has no wallet.")
            .Fails(Problem.Invalid("at", "at must be an RFC 3339 time, such as 2024-01-15T10:30:00Z"), "at is no time; `errors` says how one is written.");
    }

    private static async Task<Results<Ok<WalletReply>, Problem>> HandleAsync(
        [FromRoute(Name = "customer_id"), Description("The customer.")] string customerId,
        HttpRequest request, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(customerId)) return NotACustomer;
        var parameters = new QueryParameters(request.Query);
        var at = parameters.TakeTime("at");
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        await using var command = at is { } time ? PastBalance.Command(database, customerId, time) : database.CreateCommand(Now);
        if (at is null) command.Parameters.Add(Parameter.Text(customerId));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? TypedResults.Ok(WalletReply.Read(row)) : NoWallet(customerId);
    }

    /// <summary>Describes the path parameter <c>customer_id</c>.</summary>
    public static RouteHandlerBuilder WithPathCustomer(this RouteHandlerBuilder endpoint) => endpoint.WithPath(
        "customer_id", new() { Type = JsonSchemaType.String, MaxLength = Ids.MaxLength, Pattern = Ids.Pattern }, "cust_42");

    /// <summary>The 404 for a text that cannot be a customer's id.</summary>
    public static Problem NotACustomer => Problem.NotFound($"That is not a customer_id: one has {Ids.Allowed}.");

    /// <summary>The 404 for a customer without a wallet.</summary>
    public static Problem NoWallet(string customerId) =>
        Problem.NotFound($"Customer {customerId} has no wallet. GET /wallets lists those there are, POST /wallets creates one.");
}
