using System.ComponentModel;
using System.Text.Json.Nodes;
using Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Npgsql;
using NpgsqlTypes;
using Query.Api.Parameters;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Transactions;

/// <summary><c>GET /v1/transactions</c>: newest first, page by page, from where the page before ended.</summary>
internal static class ListTransactions
{
    public static void MapListTransactions(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listTransactions")
            .WithSummary("Transactions, newest first")
            .WithDescription("A page of transactions. While next_cursor is not null there are more: send it as cursor, with the same filters.")
            .TakesQuery("status", "Only those that stand there.", new()
            {
                Type = JsonSchemaType.String,
                Enum = [.. TransactionFilter.Statuses.Select(s => (JsonNode)s)],
            })
            .TakesQuery("account", "Only those from or to this account.", new()
            {
                Type = JsonSchemaType.String,
                MaxLength = Ids.MaxLength,
                Pattern = Ids.Pattern,
            })
            .TakesQuery("created_from", "Only those accepted at this time or later.", new() { Type = JsonSchemaType.String, Format = "date-time" })
            .TakesQuery("created_to", "Only those accepted before this time.", new() { Type = JsonSchemaType.String, Format = "date-time" })
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when nothing matches.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{TransactionReply.Example}}],"next_cursor":null}""")
            .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away; try again after Retry-After seconds.");
        group.MapMethods("", [HttpMethods.Head], HandleAsync).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<TransactionPage>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var filter = TransactionFilter.Read(request.Query, out var errors);
        if (errors.Count > 0) return Problem.Invalid(errors);

        await using var command = CommandFor(filter, database);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<TransactionReply>(filter.Limit + 1);
        while (await rows.ReadAsync(cancellationToken)) page.Add(TransactionReply.Read(rows));
        return TypedResults.Ok(TransactionPage.Of(page, filter.Limit));
    }

    /// <summary>The statement for a page, asking for one row more than it shows: its presence says that there is another page.</summary>
    internal static NpgsqlCommand CommandFor(TransactionFilter filter, NpgsqlDataSource database)
    {
        var command = database.CreateCommand(TransactionListSql.For(filter));
        command.Parameters.Add(new NpgsqlParameter<DateTime> { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = filter.From });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = filter.Before.CreatedAt });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = filter.Before.TransactionId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = filter.Limit + 1 });
        if (filter.Account is { } account) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account });
        return command;
    }
}

/// <summary>A page of the list.</summary>
internal sealed record TransactionPage(
    [property: Description("Newest first.")] IReadOnlyList<TransactionReply> Data,
    [property: Description("Send it as cursor for the next page; null when this is the last.")] string? NextCursor)
{
    /// <summary>The first <paramref name="limit"/> rows, and the way to the next page when there are more rows than that.</summary>
    public static TransactionPage Of(List<TransactionReply> rows, int limit)
    {
        if (rows.Count <= limit) return new(rows, NextCursor: null);
        var last = rows[limit - 1];
        return new(rows[..limit], new PageCursor(last.CreatedAt, last.TransactionId).ToString());
    }
}
