using System.ComponentModel;
using Contracts;
using Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Wallets;

/// <summary><c>GET /wallets/{customer_id}/ledger</c>: what went into a wallet and out of it, newest first, page by page.</summary>
internal static class GetLedger
{
    private const string FindWallet =
        """
        SELECT w.id, w.currency, a.id FROM wallets w
        LEFT JOIN accounts a ON a.owner = 'wallet:' || w.customer_id AND a.currency = w.currency
        WHERE w.customer_id = $1
        """;

    private const string ReadLines =
        $"""
        {LedgerLine.Select}
        WHERE e.account_id = $1 AND e.transfer_id = ANY (ARRAY(
            SELECT transfer_id FROM entries WHERE account_id = $1 AND transfer_id < $2 ORDER BY transfer_id DESC LIMIT $3 OFFSET $4))
        ORDER BY e.transfer_id DESC
        """;

    public static void MapGetLedger(this RouteGroupBuilder group)
    {
        group.MapGet("/{customer_id}/ledger", HandleAsync)
            .WithName("getWalletLedger")
            .WithSummary("A wallet's ledger, newest first")
            .WithDescription("Every credit and debit of the wallet with the balance before and after it. While there are more, the header Link says where the "
                + "next page is.")
            .WithPathCustomer()
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when no money has moved.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{LedgerLine.Example}]")
            .Fails(GetWallet.NoWallet("cust_42"), "This customer has no wallet.");
    }

    private static async Task<Results<Ok<List<LedgerLine>>, Problem>> HandleAsync(
        [FromRoute(Name = "customer_id"), Description("The customer.")] string customerId,
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (!Ids.IsValid(customerId)) return GetWallet.NotACustomer;
        var parameters = new QueryParameters(context.Request.Query);
        var page = parameters.TakePage(IdCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);
        if (await FindAsync(database, customerId, cancellationToken) is not { } wallet) return GetWallet.NoWallet(customerId);

        await using var command = PageCommand(database, wallet.AccountId, page);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<LedgerLine>(page.Read);
        while (await row.ReadAsync(cancellationToken)) lines.Add(LedgerLine.Read(row, wallet.Id, wallet.Currency));
        return page.Answer(context, lines, last => new IdCursor(last.TransferId));
    }

    /// <summary>Selects the lines of the page, and one more.</summary>
    internal static NpgsqlCommand PageCommand(NpgsqlDataSource database, long accountId, ListPage<IdCursor> page)
    {
        var command = database.CreateCommand(ReadLines);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = accountId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = page.After?.Id ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = page.Read });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = page.Skip });
        return command;
    }

    private static async Task<Wallet?> FindAsync(NpgsqlDataSource database, string customerId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FindWallet);
        command.Parameters.Add(Parameter.Text(customerId));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        return new(row.GetGuid(0), row.GetString(1), row.IsDBNull(2) ? 0 : row.GetInt64(2));
    }

    /// <param name="Id">The wallet's id.</param>
    /// <param name="Currency">Its currency.</param>
    /// <param name="AccountId">Its account; 0, which no account has, before there is one.</param>
    private readonly record struct Wallet(Guid Id, string Currency, long AccountId);
}
