using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Contracts;
using Data.Users;
using Ingest.Api.Idempotency;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Users;

/// <summary><c>POST /api/v1/users</c>, for administrators: adds a user, their account and their API key, which is shown in this answer only.</summary>
internal static class RegisterUser
{
    private static readonly Currency DefaultCurrency = Currency.Find("USD")!;

    public static void MapRegisterUser(this RouteGroupBuilder group) => group.MapPost("", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("createUser")
        .NeedsAdministrator()
        .WithSummary("Adds a user")
        .WithDescription(
            "For administrators. The user gets an empty account in their currency. Their API key is in the answer and nowhere else: only its hash is stored. "
                + "Send an Idempotency-Key: should "
            + "the answer be lost, a repeat with the same key and the same credential gets it again for 24 hours; until then it is stored encrypted with "
            + "that credential.")
        .TakesIdempotencyKey(isRequired: false)
        .Accepts<RegisterBody>("application/json")
        .WithRequestExample("""{"email":"dora@example.com","currency":"USD"}""")
        .Produces<RegisteredReply>(StatusCodes.Status201Created)
        .Answers(StatusCodes.Status201Created, "The user was added. Idempotency-Replayed: true that this was answered before.")
        .WithResponseExample(StatusCodes.Status201Created,
            """
            {"user_id":5,"email":"dora@example.com","currency":"USD","api_key":"ak_W0nUYqPqbtQ9J1Zk3y3nVZ2p8s6c0m4x5v7b1n2k3j4",
             "created_at":"2026-01-15T10:30:00Z"}
            """)
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Sends(StatusCodes.Status201Created, ResponseHeaders.Location)
        .Fails(AlreadyThere, "There is a user with this e-mail address already; or a request with this Idempotency-Key is still being "
            + "worked on, or was sent with another credential.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(TooLong,
            "A member is not acceptable, and errors names it; or the Idempotency-Key was used with another body.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database cannot answer; try again after Retry-After seconds. outcome_unknown: the user may have "
            + "been added; a repeat with the same Idempotency-Key tells.");

    private static async Task<Results<Reply, Problem>> HandleAsync(
        HttpContext context, NpgsqlDataSource database, IdempotentRequests requests, CancellationToken cancellationToken)
    {
        if (!Caller.Of(context).IsAdmin) return OnlyAdministrators;
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, """{"email":"dora@example.com"}""", cancellationToken);
        if (members is null) return problem!;
        var sent = members.Text("email", EmailAddress.Rule, EmailAddress.IsWellFormed);
        var currency = members.Currency("currency", DefaultCurrency);
        if (members.Problem is { } refusal) return refusal;
        if (await EmailAddress.NormalizedAsync(database, sent!, cancellationToken) is not { } email) return TooLong;

        (var request, problem) = await requests.BeginAsync(context, keyIsRequired: false, cancellationToken);
        if (request is null) return problem!;
        await using var rollback = request;
        context.Response.Headers.CacheControl = "no-store";
        request.SealReplyWith(Credential.Of(context.Request)!.Value.Text);
        (var earlier, problem) = await request.ClaimAsync(members, context.Request, cancellationToken);
        if (problem is not null) return problem;
        if (earlier is not null) return earlier;

        var key = ApiKey.New();
        var user = await CreateUser.RunAsync(request.Connection, email, currency!.Code, isAdmin: false, key.Hash, cancellationToken);
        if (user is null) return AlreadyThere;
        var body = new RegisteredReply(user.Id, user.Email, user.Currency, key.Text, user.CreatedAt);
        var reply = Reply.Done(
            StatusCodes.Status201Created, JsonSerializer.SerializeToUtf8Bytes(body, UserJson.Wire.RegisteredReply), $"/api/v1/users/{user.Id}/balance");
        await request.StoreAndCommitAsync(reply);
        return reply;
    }

    private static Problem OnlyAdministrators => new(StatusCodes.Status403Forbidden, "forbidden",
        "Only an administrator may add users: an admin key (Auth__AdminKeys__n), or the key or token of a user who is one.");

    // Some characters become two or three in normal form.
    private static Problem TooLong => Problem.Invalid("email", $"email {EmailAddress.Rule}");

    private static Problem AlreadyThere => new(StatusCodes.Status409Conflict, "already_exists",
        "There is a user with this e-mail address already, and nothing was changed. If its key is lost, POST /api/v1/users/{user_id}/rotate-key gives "
            + "a new one; GET /api/v1/users?email= tells the id.");

    /// <summary>The body as the documentation shows it.</summary>
    [DisplayName("NewUser")]
    internal sealed record RegisterBody(
        [property: Description("The e-mail address; kept in lower case and in Unicode's normal form C.")]
        [property: MaxLength(EmailAddress.MaxLength), RegularExpression(EmailAddress.Pattern)] string Email,
        [property: Description("Of the user's account: an active ISO 4217 code, in any case. Without it USD.")]
        [property: RegularExpression(Contracts.Currency.AnyCasePattern)] string? Currency = null);
}

/// <summary>The answer to a user that was added.</summary>
[DisplayName("CreatedUser")]
internal sealed record RegisteredReply(
    [property: Description("The user's id.")] long UserId,
    [property: Description("The e-mail address, as it is stored.")] string Email,
    [property: Description("Of the user's account: ISO 4217."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("The user's API key, shown here and never again.")] string ApiKey,
    [property: Description("When the user was added.")] DateTimeOffset CreatedAt);
