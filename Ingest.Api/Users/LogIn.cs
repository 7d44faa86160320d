using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Data.Users;
using Ingest.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace Ingest.Api.Users;

/// <summary>
/// <c>POST /api/v1/auth/login</c>: an access token for an API key. Guessing reveals nothing: an unknown user and a wrong key get the same answer after the same
/// work, and after a few failures credentials are no longer checked for a while.
/// </summary>
internal static class LogIn
{
    private const string Example = """{"email":"alice@example.com","api_key":"ak_..."}""";

    /// <summary>Compared with the key when there is no such user; not the SHA-256 of anything known.</summary>
    private static readonly byte[] NobodysHash = new byte[SHA256.HashSizeInBytes];

    public static void MapLogIn(this RouteGroupBuilder group) => group.MapPost("/login", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(RequestBody.MaxBytes))
        .WithName("logIn")
        .WithSummary("Gives an access token for an API key")
        .WithDescription(
            "Send the token as `Authorization: Bearer` on /api/v1 until it expires, then log in again. The API key itself opens the same paths as "
                + "`X-API-Key`; a token is for where a key "
            + "should not be kept, such as a browser.")
        .Accepts<LogInBody>("application/json")
        .WithRequestExample("""{"email":"alice@example.com","api_key":"ak_W0nUYqPqbtQ9J1Zk3y3nVZ2p8s6c0m4x5v7b1n2k3j4"}""")
        .Answers(StatusCodes.Status200OK, "The key is this user's.")
        .WithResponseExample(StatusCodes.Status200OK,
            """
            {"user_id":1,"email":"alice@example.com","api_key":"ak_W0nUYqPqbtQ9J1Zk3y3nVZ2p8s6c0m4x5v7b1n2k3j4","message":"You are logged in.",
             "access_token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl","token_type":"bearer","expires_in":3600}
            """)
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(Wrong, "There is no such user, or the key is not theirs; which of both is not said.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(Problem.Invalid("email", "email is missing; send it, or username in its place"), "A member is missing or not text, and errors names it.")
        .Fails(StatusCodes.Status429TooManyRequests, "Too many requests, or too many failures from this address or for this e-mail; try again after "
            + "Retry-After seconds.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away, or no signing key is configured; try again after Retry-After seconds.");

    private static async Task<Results<Ok<LogInReply>, Problem>> HandleAsync(
        HttpContext context, NpgsqlDataSource database, AccessTokens tokens, LoginFailures failures, AuthFailures unread, CancellationToken cancellationToken)
    {
        if (!tokens.CanIssue) return NoSigningKey;
        var (members, problem) = await JsonMembers.ReadAsync(context.Request, Example, cancellationToken);
        if (members is null) return await unread.AnswerAsync(context, problem!);
        (var request, problem) = LogInRequest.Read(members);
        if (request is null) return await unread.AnswerAsync(context, problem!);

        var email = await EmailAddress.NormalizedAsync(database, request.Email, cancellationToken);
        var counted = email ?? request.Email;
        if (await failures.CheckAsync(context, counted) is { } refusal) return refusal;
        var user = await FindUser.ByEmailAsync(database, email ?? "", cancellationToken);
        var isTheirs = CryptographicOperations.FixedTimeEquals(ApiKey.HashOf(request.ApiKey), user?.ApiKeyHash ?? NobodysHash);
        if (user is null || !isTheirs) return await failures.RecordAsync(context, counted) ?? Wrong;
        if (await context.CheckLimitsAsync() is { } limited) return limited;

        context.Response.Headers.CacheControl = "no-store"; // RFC 6749, 5.1.
        return TypedResults.Ok(new LogInReply(
            user.Id, user.Email, request.ApiKey, "You are logged in.", tokens.Issue(user.Id, user.IsAdmin), "bearer", (int)tokens.Lifetime.TotalSeconds));
    }

    private static Problem Wrong => new(StatusCodes.Status401Unauthorized, "invalid_credentials",
        "There is no user with this e-mail and this API key. Check both; an administrator can give a new key (POST /api/v1/users/{user_id}/rotate-key).");

    private static Problem NoSigningKey => Problem.Unavailable(
        "Access tokens cannot be given, because no signing key is configured: set Auth__Jwt__SigningKeys__0 on Ingest.Api and Query.Api. API keys work as "
            + "X-API-Key nevertheless.", retryAfterSeconds: 60);
}

/// <summary>The answer to a login.</summary>
[DisplayName("LoggedIn")]
internal sealed record LogInReply(
    [property: Description("The user's id.")] long UserId,
    [property: Description("The user's e-mail address, as it is stored.")] string Email,
    [property: Description("The key as it was sent.")] string ApiKey,
    [property: Description("For people.")] string Message,
    [property: Description("A JWT, to be sent as Authorization: Bearer.")] string AccessToken,
    [property: Description("How the token is sent."), AllowedValues("bearer")] string TokenType,
    [property: Description("Seconds until the token expires.")] int ExpiresIn);

/// <summary>A login as it was sent; nothing of it is verified yet.</summary>
internal sealed record LogInRequest(string Email, string ApiKey)
{
    private const string Rule = "must be text of 1 character or more";

    /// <summary>The request, or the 422 that names every field that is not acceptable.</summary>
    public static (LogInRequest? Request, Problem? Problem) Read(JsonMembers members)
    {
        var email = members.Text("email", Rule, text => text.Length > 0, otherName: "username");
        var apiKey = members.Text("api_key", Rule, text => text.Length > 0, otherName: "password");
        return members.Problem is { } problem ? (null, problem) : (new(email!, apiKey!), null);
    }
}

/// <summary>The body as the documentation shows it.</summary>
[DisplayName("Credentials")]
internal sealed record LogInBody(
    [property: Description("The user's e-mail address; it may be sent as username instead."), MinLength(1)] string Email,
    [property: Description("The user's API key; it may be sent as password instead."), MinLength(1)] string ApiKey);
