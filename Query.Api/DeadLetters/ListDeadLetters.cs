using System.ComponentModel;
using System.Globalization;
using Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Parameters;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.DeadLetters;

/// <summary>
/// <c>GET /admin/dead-letters</c>: newest first, page by page, from where the page before ended. Bodies may have 1 MB each, so no more than their
/// first 16 KiB are read: what is longer is no transaction anyway.
/// </summary>
internal static class ListDeadLetters
{
    private const string All = $"SELECT {DeadLetterReply.Columns} FROM dead_letters WHERE id < $1 ORDER BY id DESC LIMIT $2";

    private const string OfTopic = $"SELECT {DeadLetterReply.Columns} FROM dead_letters WHERE id < $1 AND topic = $3 ORDER BY id DESC LIMIT $2";

    public static void MapListDeadLetters(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listDeadLetters")
            .WithSummary("Records that could not be processed, newest first")
            .WithDescription("A page of dead letters, each with the record and the reason. While next_cursor is not null there are more: send it as cursor.")
            .TakesQuery("topic", "Only those of this topic.", new()
            {
                Type = JsonSchemaType.String,
                MaxLength = TopicNames.MaxLength,
                Pattern = TopicNames.Pattern,
            })
            .TakesPage()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when there are none.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{DeadLetterReply.Example}}],"next_cursor":null}""")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away; try again after Retry-After seconds.");
        group.MapMethods("", [HttpMethods.Head], HandleAsync).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<DeadLetterPage>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var filter = DeadLetterFilter.Read(request.Query, out var errors);
        if (errors.Count > 0) return Problem.Invalid(errors);

        await using var command = database.CreateCommand(filter.Topic is null ? All : OfTopic);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = filter.Before });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = filter.Limit + 1 }); // One more than is shown: its presence says that there is another page.
        if (filter.Topic is { } topic) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<DeadLetterReply>(filter.Limit + 1);
        while (await rows.ReadAsync(cancellationToken)) page.Add(DeadLetterReply.Read(rows));
        return TypedResults.Ok(DeadLetterPage.Of(page, filter.Limit));
    }
}

/// <summary>A page of the list.</summary>
internal sealed record DeadLetterPage(
    [property: Description("Newest first.")] IReadOnlyList<DeadLetterReply> Data,
    [property: Description("Send it as cursor for the next page; null when this is the last.")] string? NextCursor)
{
    /// <summary>The first <paramref name="limit"/> rows, and the way to the next page when there are more rows than that.</summary>
    public static DeadLetterPage Of(List<DeadLetterReply> rows, int limit) =>
        rows.Count <= limit ? new(rows, NextCursor: null) : new(rows[..limit], rows[limit - 1].Id.ToString(CultureInfo.InvariantCulture));
}
