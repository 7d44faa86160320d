using Data;
using Data.DeadLetters;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.DeadLetters;

/// <summary><c>GET /admin/dead-letters</c>: newest first, page by page.</summary>
internal static class ListDeadLetters
{
    /// <summary>The number of bytes that are read of a key and a value. Values may have 1 MB each, and a page 200 rows.</summary>
    private const int ShownBytes = 16 * 1024;

    private static readonly PageSize Size = new(Default: 50, Max: 200);

    public static void MapListDeadLetters(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listDeadLetters")
            .WithSummary("Records that could not be processed, newest first")
            .WithDescription("A page of dead letters, each with the record and the reason. While next_cursor is not null there are more: send it as cursor.")
            .TakesTopic().TakesReason().TakesLimit(Size).TakesCursor()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when there are none.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{DeadLetterReply.Example}}],"next_cursor":null}""")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
    }

    private static async Task<Results<Ok<CursorPage<DeadLetterReply>>, Problem>> HandleAsync(
        HttpRequest request, WebhooksDbContext database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(request.Query);
        var (topic, reason) = (parameters.TakeTopic(), parameters.TakeReason());
        var limit = parameters.TakeLimit(Size);
        var after = parameters.TakeCursor(IdCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var letters = database.DeadLetters.AsNoTracking();
        if (topic is not null) letters = letters.Where(letter => letter.Topic == topic);
        if (reason is not null) letters = letters.Where(letter => letter.Reason == reason);
        if (after is { Id: var id }) letters = letters.Where(letter => letter.Id < id);
        var rows = await ReadAsync(letters.OrderByDescending(letter => letter.Id).Take(limit + 1), cancellationToken);
        return TypedResults.Ok(CursorPage<DeadLetterReply>.Of(rows, limit, last => new IdCursor(last.Id)));
    }

    private static async Task<List<DeadLetterReply>> ReadAsync(IQueryable<DeadLetter> letters, CancellationToken cancellationToken)
    {
        var rows = await letters.Select(letter => new
        {
            Letter = new DeadLetter
            {
                Id = letter.Id,
                Topic = letter.Topic,
                Partition = letter.Partition,
                Offset = letter.Offset,
                RecordTimestamp = letter.RecordTimestamp,
                Reason = letter.Reason,
                Detail = letter.Detail,
                CreatedAt = letter.CreatedAt,
            },
            Key = WebhooksDbContext.Substring(letter.Key, 1, ShownBytes),
            KeyBytes = (int?)letter.Key!.Length,
            Value = WebhooksDbContext.Substring(letter.Value, 1, ShownBytes),
            ValueBytes = (int?)letter.Value!.Length,
        }).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => DeadLetterReply.Of(row.Letter, row.Key, row.KeyBytes, row.Value, row.ValueBytes));
    }
}
