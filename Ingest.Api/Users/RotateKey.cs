using System.ComponentModel;
using Data.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Users;

/// <summary>
/// <c>POST /api/v1/users/{user_id}/rotate-key</c>, for the user and for administrators: replaces the API key. Of several at once one succeeds, and only
/// its answer has a key; the others are told 409.
/// </summary>
internal static class RotateKey
{
    private const string New = "AspireWebhooks.Users.NewKey";

    public static void MapRotateKey(this RouteGroupBuilder group) => group.MapPost("/{user_id:long}/rotate-key", HandleAsync)
        .WithName("rotateKey")
        .WithSummary("Replaces a user's API key")
        .WithDescription("The old key is not accepted from then on; access tokens that were given for it stay valid until they expire. The new key is in the "
            + "answer and nowhere else. Try it with a user that you have added for it: GET /api/v1/users?email= tells the id.")
        .WithPathNumber("user_id", 5)
        .Answers(StatusCodes.Status200OK, "The new key is the user's only one.")
        .WithResponseExample(StatusCodes.Status200OK,
            """
            {"user_id":5,"email":"dora@example.com","api_key":"ak_W0nUYqPqbtQ9J1Zk3y3nVZ2p8s6c0m4x5v7b1n2k3j4",
             "message":"This is the only time that the key is shown; the old one is not accepted any more."}
            """)
        .Fails(NoUser(5), "There is no such user; said to administrators alone.")
        .Fails(ReplacedMeanwhile, "Another request replaced the key at the same time, and only its answer has the new one.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer; try again after Retry-After seconds. If the old key is not accepted any "
            + "more, the new one is lost: an administrator can replace it.");

    private static async Task<Results<Ok<RotatedKeyReply>, Problem>> HandleAsync(
        [FromRoute(Name = "user_id"), Description("The user: your own id, or any for an administrator.")] long id,
        HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (!caller.MaySee(id)) return NotYours;
        var current = HashOfOwnKey(caller, id, context.Request) ?? await FindUser.KeyHashAsync(database, id, cancellationToken);
        if (current is null) return NoUser(id);

        // The same key when the database undid the first try: it may have been stored although its answer was lost.
        if (context.Items[New] is not ApiKey key) context.Items[New] = key = ApiKey.New();
        if (await ReplaceKey.RunAsync(database, id, current, key.Hash, cancellationToken) is not { } email) return ReplacedMeanwhile;

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new RotatedKeyReply(id, email, key.Text, "This is the only time that the key is shown; the old one is not accepted any more."));
    }

    // The key that this request was authenticated with: should another request have replaced it since, this one must not replace the new key.
    private static byte[]? HashOfOwnKey(Caller caller, long id, HttpRequest request) =>
        caller.UserId == id && Credential.Of(request) is { } credential && ApiKey.IsWellFormed(credential.Text) ? ApiKey.HashOf(credential.Text) : null;

    private static Problem ReplacedMeanwhile => new(StatusCodes.Status409Conflict, "key_replaced_meanwhile",
        "Another request replaced this user's key at the same time, and this one changed nothing: the only valid key is in the other one's answer. If that is "
        + "lost, an administrator gives a new key by this same path.");

    private static Problem NoUser(long id) => Problem.NotFound($"There is no user {id}.");

    private static Problem NotYours => new(StatusCodes.Status403Forbidden, "forbidden", "This key is another user's. You may replace your own; an "
        + "administrator may replace any.");
}

/// <summary>The answer to a key that was replaced.</summary>
[DisplayName("RotatedKey")]
internal sealed record RotatedKeyReply(
    [property: Description("The user's id.")] long UserId,
    [property: Description("The user's e-mail address.")] string Email,
    [property: Description("The new key, shown here and never again.")] string ApiKey,
    [property: Description("For people.")] string Message);
