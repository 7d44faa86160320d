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
/// <c>POST /admin/dead-letters/redrive</c>: sends all dead letters of a topic again as they were, oldest first, batch by batch, each batch in a
/// transaction of its own. Only letters that are there when it begins: one that comes back as a new letter is not sent again and again. Rows that another
/// redrive has locked are left to that one.
/// </summary>
internal static class RedriveDeadLetters
{
    private const string Lock =
        $"""
        SELECT {StoredDeadLetter.Columns} FROM dead_letters
        WHERE id > $1 AND id <= $2 AND topic = $3 AND ($4::text IS NULL OR reason = $4) ORDER BY id LIMIT $5
        FOR UPDATE SKIP LOCKED
        """;

    /// <summary>Bodies may have 1 MB each: no more than 50 MB of them are held at a time.</summary>
    private const int MaxBatch = 50;

    /// <summary>After that no other batch is begun. With the last one's wait for Kafka it stays below the 15 s of the front door.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(8);

    public static void MapRedriveDeadLetters(this RouteGroupBuilder group) => group.MapPost("/redrive", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("redriveDeadLetters")
        .WithSummary("Sends all dead letters of a topic again")
        .WithDescription(
            "As they were, oldest first. Records that cannot be sent are skipped: those without a body and without a row, and those that are too large. "
            + "With dry_run: true nothing is sent, and redriven is the number of those that would be tried, up to 1,000,000. "
            + "The request works for some seconds at most; has_more says that it did not reach the end, so send it again.")
        .Accepts<RedriveAllRequest>("application/json")
        .WithRequestExample("""{"topic":"transactions","reason":"undecodable"}""")
        .Answers(StatusCodes.Status200OK, "How many were sent again, and how many were left.")
        .WithResponseExample(StatusCodes.Status200OK, """{"redriven":120,"skipped":3,"refused":1,"dry_run":false,"has_more":false}""")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(LetterSelection.NoTopic, "A member is missing or not acceptable; errors names it.")
        .Fails(RedriveDeadLetter.BrokerAway(KafkaAway(redriven: 120)),
            "Kafka or the database is away, and what was not yet sent stays; try again after Retry-After seconds.");

    private static async Task<Results<Ok<RedrivenAllReply>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, RedriveRecords records, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (selection, problem) = await LetterSelection.ReadAsync(request, cancellationToken);
        if (selection is null) return problem!;

        var began = clock.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (selection.IsDryRun)
        {
            var (count, isCut) = await selection.CountAsync(connection, cancellationToken);
            return TypedResults.Ok(new RedrivenAllReply(count, Skipped: 0, Refused: 0, DryRun: true, isCut));
        }

        var range = new IdRange(0, await LetterSelection.NewestAsync(connection, cancellationToken));
        var (redriven, skipped, refused) = (0, 0, 0);
        while (clock.GetElapsedTime(began) < MaxDuration)
        {
            var batch = await RedriveBatchAsync(connection, selection, range, records, cancellationToken);
            redriven += batch.Outcomes.Count(outcome => outcome == RedriveOutcome.Redriven);
            skipped += batch.Outcomes.Count(outcome => outcome is RedriveOutcome.NoTransaction or RedriveOutcome.TooLarge);
            refused += batch.Outcomes.Count(outcome => outcome is RedriveOutcome.NoPayment or RedriveOutcome.NotGivenUp or RedriveOutcome.InsufficientBalance);
            if (batch.Outcomes.Contains(RedriveOutcome.BrokerAway))
                return RedriveDeadLetter.BrokerAway(KafkaAway(redriven));
            if (batch.Outcomes.Length < MaxBatch) return TypedResults.Ok(new RedrivenAllReply(redriven, skipped, refused, DryRun: false, HasMore: false));
            range = range with { After = batch.LastId };
        }

        return TypedResults.Ok(new RedrivenAllReply(redriven, skipped, refused, DryRun: false, HasMore: true));
    }

    private static string KafkaAway(int redriven) =>
        $"Kafka cannot be reached at the moment. {redriven} were sent again before, the others stay; try again shortly.";

    private static async Task<(RedriveOutcome[] Outcomes, long LastId)> RedriveBatchAsync(
        NpgsqlConnection connection, LetterSelection selection, IdRange range, RedriveRecords records, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var letters = await LockAsync(connection, selection, range, cancellationToken);
        if (letters.Count == 0) return ([], range.After);
        var outcomes = await records.RunAsync(connection, selection.Topic, letters, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return (outcomes, letters[^1].Id);
    }

    private static async Task<List<StoredDeadLetter>> LockAsync(
        NpgsqlConnection connection, LetterSelection selection, IdRange range, CancellationToken cancellationToken)
    {
        await using var command = selection.ToCommand(connection, Lock, range.After, range.Last, MaxBatch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var letters = new List<StoredDeadLetter>(MaxBatch);
        while (await row.ReadAsync(cancellationToken)) letters.Add(StoredDeadLetter.Read(row));
        return letters;
    }

    /// <summary>Ids after the first and up to the last.</summary>
    private readonly record struct IdRange(long After, long Last);
}

/// <summary>The answer to a redrive of many.</summary>
[DisplayName("RedriveResult")]
internal sealed record RedrivenAllReply(
    [property: Description("Kafka has the records, or the payments are open again; the dead letters are deleted. Of a dry run: how many would be tried.")]
    int Redriven,
    [property: Description("Could not be sent, and stay: without a body and without a transaction's row, or too large.")] int Skipped,
    [property: Description("Payments that cannot be opened again; their dead letters stay. Redriving one alone says why.")] int Refused,
    [property: Description("Whether they were only counted.")] bool DryRun,
    [property: Description("True: the time was over before all were looked at, send it again; of a dry run: there are more than were counted.")] bool HasMore);

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("Redrive")]
internal sealed record RedriveAllRequest(
    [property: Description("Those that came from this topic, such as transactions.")]
    [property: RegularExpression(TopicNames.Pattern), MaxLength(TopicNames.MaxLength)] string Topic,
    [property: Description("Only those with this reason, such as undecodable.")]
    [property: RegularExpression(TopicNames.Pattern), MaxLength(TopicNames.MaxLength)] string? Reason = null,
    [property: Description("Only count them.")] bool? DryRun = null);
