using Data.Wallets;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Wallets;

/// <summary><c>GET /wallets</c>: newest first, page by page.</summary>
internal static class ListWallets
{
    private const string Sql =
        $"""
        {WalletReply.Select}
        WHERE w.id = ANY (ARRAY(SELECT id FROM wallets WHERE id < $1 ORDER BY id DESC LIMIT $2 OFFSET $3))
        ORDER BY w.id DESC
        """;

    public static void MapListWallets(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listWallets")
            .WithSummary("Wallets, newest first")
            .WithDescription("A page of wallets with their balances. While there are more, the header Link says where the next page is.")
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when there are none.")
            .WithResponseExample(StatusCodes.Status200OK, $"[{WalletReply.Example}]");
    }

    private static async Task<Results<Ok<List<WalletReply>>, Problem>> HandleAsync(
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(context.Request.Query);
        var page = parameters.TakePage(UuidCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        await using var command = PageCommand(database, page);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var wallets = new List<WalletReply>(page.Read);
        while (await row.ReadAsync(cancellationToken)) wallets.Add(WalletReply.Read(row));
        return page.Answer(context, wallets, last => new UuidCursor(last.Id));
    }

    /// <summary>Selects the rows of the page, and one more.</summary>
    internal static NpgsqlCommand PageCommand(NpgsqlDataSource database, ListPage<UuidCursor> page)
    {
        var command = database.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = page.Before() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = page.Read });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = page.Skip });
        return command;
    }
}
