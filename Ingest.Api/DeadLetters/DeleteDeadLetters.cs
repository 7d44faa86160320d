using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Contracts;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.DeadLetters;

/// <summary>
/// <c>POST /admin/dead-letters/delete</c>: deletes the rows of a topic, oldest first, by statements that commit by themselves: a break leaves whole batches.
/// Only letters that are there when it begins, so none that nobody has seen; rows that a redrive has locked are left to that one. The records stay in the dead
/// letter topic for as long as Kafka keeps them.
/// </summary>
internal static class DeleteDeadLetters
{
    private const string Sql =
        """
        WITH gone AS (
            DELETE FROM dead_letters WHERE id = ANY (ARRAY(
                SELECT id FROM dead_letters
                WHERE id > $1 AND id <= $2 AND topic = $3 AND ($4::text IS NULL OR reason = $4) ORDER BY id LIMIT $5
                FOR UPDATE SKIP LOCKED))
            RETURNING id)
        SELECT count(*)::int, coalesce(max(id), 0) FROM gone
        """;

    /// <summary>With bodies of 1 MB a batch frees 500 MB of pages, which is a second of work.</summary>
    private const int MaxBatch = 500;

    /// <summary>After that no other batch is begun. With the last one's time-out it stays below the 15 s of the front door.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(8);

    public static void MapDeleteDeadLetters(this RouteGroupBuilder group) => group.MapPost("/delete", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("deleteDeadLetters")
        .WithSummary("Deletes all dead letters of a topic")
        .WithDescription(
            "For records that need not be processed any more, oldest first. With dry_run: true the number alone, up to 1,000,000. The request works for some "
            + "seconds at most; has_more says that it did not reach the end, so send it again.")
        .Accepts<DeleteAllRequest>("application/json")
        .WithRequestExample("""{"topic":"transactions","reason":"undecodable","dry_run":true}""")
        .Answers(StatusCodes.Status200OK, "How many were deleted, or would be.")
        .WithResponseExample(StatusCodes.Status200OK, """{"deleted":120,"dry_run":true,"has_more":false}""")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(LetterSelection.NoTopic, "A member is missing or not acceptable; errors names it.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer; try again after Retry-After seconds.");

    private static async Task<Results<Ok<DeletedAllReply>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (selection, problem) = await LetterSelection.ReadAsync(request, cancellationToken);
        if (selection is null) return problem!;

        var began = clock.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (selection.IsDryRun)
        {
            var (count, isCut) = await selection.CountAsync(connection, cancellationToken);
            return TypedResults.Ok(new DeletedAllReply(count, DryRun: true, isCut));
        }

        var (deleted, after) = (0, 0L);
        var last = await LetterSelection.NewestAsync(connection, cancellationToken);
        while (clock.GetElapsedTime(began) < MaxDuration)
        {
            var (count, reached) = await DeleteBatchAsync(connection, selection, after, last, cancellationToken);
            deleted += count;
            if (count < MaxBatch) return TypedResults.Ok(new DeletedAllReply(deleted, DryRun: false, HasMore: false));
            after = reached;
        }

        return TypedResults.Ok(new DeletedAllReply(deleted, DryRun: false, HasMore: true));
    }

    private static async Task<(int Count, long LastId)> DeleteBatchAsync(
        NpgsqlConnection connection, LetterSelection selection, long after, long last, CancellationToken cancellationToken)
    {
        await using var command = selection.ToCommand(connection, Sql, after, last, MaxBatch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt32(0), row.GetInt64(1));
    }
}

/// <summary>The answer to a deletion of many.</summary>
[DisplayName("DeadLetterDeletionResult")]
internal sealed record DeletedAllReply(
    [property: Description("How many were deleted, or would be.")] int Deleted,
    [property: Description("Whether they were only counted.")] bool DryRun,
    [property: Description("true: the time was over first, send it again; of a dry run: there are more than were counted.")] bool HasMore);

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("DeadLetterDeletion")]
internal sealed record DeleteAllRequest(
    [property: Description("Those that came from this topic, such as transactions.")]
    [property: RegularExpression(TopicNames.Pattern), MaxLength(TopicNames.MaxLength)] string Topic,
    [property: Description("Only those with this reason, such as undecodable.")]
    [property: RegularExpression(TopicNames.Pattern), MaxLength(TopicNames.MaxLength)] string? Reason = null,
    [property: Description("Only count them.")] bool? DryRun = null);
