using System.ComponentModel;
using Contracts;
using Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.DeadLetters;

/// <summary>
/// <c>GET /admin/dead-letters/reasons</c>: what there is, by topic and reason, most first: what to look at, and what a redrive of many would do. All dead
/// letters are read, but for their keys and bodies.
/// </summary>
internal static class ListReasons
{
    // SQL rather than LINQ: the newest one's sentence goes with each group.
    private const string Sql =
        """
        SELECT g.topic, g.reason, g.count, g.oldest_at, g.newest_at, d.detail
        FROM (
            SELECT topic, reason, count(*) AS count, min(created_at) AS oldest_at, max(created_at) AS newest_at, max(id) AS last FROM dead_letters
            WHERE $1::text IS NULL OR topic = $1 GROUP BY topic, reason) AS g JOIN dead_letters d ON d.id = g.last
        ORDER BY g.count DESC, g.topic, g.reason
        """;

    public static void MapListReasons(this RouteGroupBuilder group)
    {
        group.MapGet("/reasons", HandleAsync)
            .WithName("listDeadLetterReasons")
            .WithSummary("Dead letters by topic and reason")
            .WithDescription("How many there are of each reason, most first, with the newest one's sentence.")
            .TakesTopic()
            .Answers(StatusCodes.Status200OK, "The reasons; none when there are no dead letters.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{ReasonReply.Example}}]}""")
            .Fails(StatusCodes.Status422UnprocessableEntity, "topic is not acceptable; `errors` says what is allowed.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable, or there are too many to count in time; try again after Retry-After "
                + "seconds, or name a topic.");
    }

    private static async Task<Results<Ok<ReasonsReply>, Problem>> HandleAsync(
        HttpRequest request, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var parameters = new QueryParameters(request.Query);
        var topic = parameters.TakeTopic();
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(Parameter.Text(topic));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var reasons = new List<ReasonReply>();
        while (await row.ReadAsync(cancellationToken))
            reasons.Add(new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetDateTime(3), row.GetDateTime(4), row.GetString(5)));
        return TypedResults.Ok(new ReasonsReply(reasons));
    }
}

/// <summary>The reasons.</summary>
[DisplayName("DeadLetterReasons")]
internal sealed record ReasonsReply([property: Description("Most first.")] IReadOnlyList<ReasonReply> Data);

/// <summary>The dead letters of a topic and a reason.</summary>
[DisplayName("DeadLetterReason")]
internal sealed record ReasonReply(
    [property: Description("The topic they were read from.")] string Topic,
    [property: Description("Why they are here, such as undecodable.")] string Reason,
    [property: Description("How many.")] long Count,
    [property: Description("When the first of them was put aside, UTC.")] DateTime OldestAt,
    [property: Description("When the last of them was, UTC.")] DateTime NewestAt,
    [property: Description("The last one's reason in one sentence.")] string ExampleDetail)
{
    /// <summary>An example for the documents.</summary>
    public const string Example =
        """
        {"topic":"transactions","reason":"undecodable","count":17,"oldest_at":"2024-01-15T10:30:00.130021Z","newest_at":"2024-01-15T11:02:10.000417Z",
         "example_detail":"The body is no transaction: expected end of string."}
        """;
}

/// <summary>The filters of dead letters.</summary>
internal static class LetterFilters
{
    public static string? TakeTopic(this QueryParameters parameters) =>
        parameters.Take("topic", text => TopicNames.IsValid(text) ? text : null, $"must be a topic's name: {TopicNames.Allowed}");

    // A reason has the characters of a topic's name, and is shorter.
    public static string? TakeReason(this QueryParameters parameters) =>
        parameters.Take("reason", text => TopicNames.IsValid(text) ? text : null, "must be a dead letter's reason, such as undecodable");

    public static RouteHandlerBuilder TakesTopic(this RouteHandlerBuilder list) => list.TakesQuery(
        "topic", "Only those of this topic.",
        new() { Type = JsonSchemaType.String, MaxLength = TopicNames.MaxLength, Pattern = TopicNames.Pattern });

    public static RouteHandlerBuilder TakesReason(this RouteHandlerBuilder list) => list.TakesQuery(
        "reason", "Only those with this reason, such as undecodable.",
        new() { Type = JsonSchemaType.String, MaxLength = TopicNames.MaxLength, Pattern = TopicNames.Pattern });
}
