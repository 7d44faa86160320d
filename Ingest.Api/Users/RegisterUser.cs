using System.ComponentModel;
using System.Text.Json;
using Contracts;
using Data.Users;
using Ingest.Api.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Ingest.Api.Users;

/// <summary><c>POST /api/v1/users</c>, for administrators: a user, their account, and their API key, which is shown here and never again.</summary>
internal static class RegisterUser
{
    private const string DefaultCurrency = "USD";

    public static void MapRegisterUser(this RouteGroupBuilder group) => group.MapPost("", HandleAsync)
        .WithMetadata(new RequestSizeLimitAttribute(JsonBody.MaxBytes))
        .WithName("RegisterUser")
        .WithSummary("Adds a user")
        .WithDescription("For administrators. The user gets an account in their currency with nothing in it. Their API key is in the answer and nowhere else: only its hash is stored.")
        .Accepts<RegisterBody>("application/json")
        .WithRequestExample("""{"email":"dora@example.com","currency":"USD"}""")
        .Answers(StatusCodes.Status201Created, "The user is there.")
        .WithResponseExample(StatusCodes.Status201Created,
            """{"user_id":5,"email":"dora@example.com","currency":"USD","api_key":"ak_W0nUYqPqbtQ9J1Zk3y3nVZ2p8s6c0m4x5v7b1n2k3j4","created_at":"2026-01-15T10:30:00Z"}""")
        .Fails(StatusCodes.Status400BadRequest, "The body cannot be read as a JSON object.")
        .Fails(StatusCodes.Status409Conflict, "There is a user with this e-mail address already.")
        .Fails(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB.")
        .Fails(StatusCodes.Status415UnsupportedMediaType, "The body is not application/json in UTF-8.")
        .Fails(StatusCodes.Status422UnprocessableEntity, "A member is not acceptable, and errors names it.")
        .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away, and nothing was stored; try again after Retry-After seconds.");

    private static async Task<Results<Created<RegisteredReply>, Problem>> HandleAsync(HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (!Caller.Of(context).IsAdmin) return OnlyAdministrators;
        var (email, currency, problem) = await ReadAsync(context.Request, cancellationToken);
        if (problem is not null) return problem;

        var key = ApiKey.New();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CreateUser.RunAsync(connection, email, currency, isAdmin: false, key.Hash, cancellationToken) is not { } user) return AlreadyThere;
        await transaction.CommitAsync(CancellationToken.None);

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/users/{user.Id}/balance", new RegisteredReply(user.Id, user.Email, user.Currency, key.Text, user.CreatedAt));
    }

    private static async Task<(string Email, string Currency, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (members, problem) = await JsonBody.ReadMembersAsync(request, """{"email":"dora@example.com"}""", cancellationToken);
        if (problem is not null) return ("", "", problem);

        var errors = new Dictionary<string, string[]>();
        var email = members.TryGetProperty("email", out var member) ? EmailAddress.Normalized(member.Text() ?? "") : null;
        if (email is null) errors["email"] = [member.ValueKind == JsonValueKind.Undefined ? $"email is missing; it {EmailAddress.Rule}" : $"email {EmailAddress.Rule}"];
        var isGiven = members.TryGetProperty("currency", out var code) && code.ValueKind != JsonValueKind.Null;
        var currency = Currency.Find(isGiven ? code.Text() : DefaultCurrency);
        if (currency is null) errors["currency"] = ["currency must be an active ISO 4217 code, such as USD; leave it out for USD"];
        return errors.Count > 0 ? ("", "", Problem.Invalid(errors)) : (email!, currency!.Code, null);
    }

    private static Problem OnlyAdministrators => new(StatusCodes.Status403Forbidden, "forbidden",
        "Only an administrator may add users: an admin key (Auth__AdminKeys__n), or the key or token of a user who is one.");

    private static Problem AlreadyThere => new(StatusCodes.Status409Conflict, "already_exists",
        "There is a user with this e-mail address already, and nothing was changed. If its key is lost, POST /api/v1/users/{id}/rotate-key gives a new one.");

    /// <summary>The body as the documentation shows it.</summary>
    internal sealed record RegisterBody(
        [property: Description("The e-mail address; kept in lower case.")] string Email,
        [property: Description("Of the user's account: an active ISO 4217 code, in any case. Without it USD.")] string? Currency);
}

/// <summary>The answer to who has added a user.</summary>
internal sealed record RegisteredReply(
    [property: Description("The user's id.")] long UserId,
    [property: Description("The e-mail address, as it is stored.")] string Email,
    [property: Description("Of the user's account: ISO 4217.")] string Currency,
    [property: Description("The user's API key, shown here and never again.")] string ApiKey,
    [property: Description("When the user was added.")] DateTimeOffset CreatedAt);
