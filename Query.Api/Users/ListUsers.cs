using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Data;
using Data.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.OpenApi;
using Npgsql;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Query.Api.Users;

/// <summary><c>GET /api/v1/users</c>, for administrators: newest first, page by page; or the one with an e-mail address.</summary>
internal static class ListUsers
{
    private static readonly PageSize Size = new(Default: 50, Max: 200);

    public static void MapListUsers(this RouteGroupBuilder group)
    {
        group.MapGet("", HandleAsync)
            .WithName("listUsers")
            .WithSummary("Users, newest first")
            .WithDescription("For administrators. A page of users; with email the one who has it, to find an id by. While next_cursor is not null there are "
                + "more: send it as cursor. Keys are not shown: only their hashes are stored.")
            .TakesQuery(
                "email", "Only the user with this e-mail address, in any case.", new() { Type = JsonSchemaType.String, MaxLength = EmailAddress.MaxLength })
            .TakesLimit(Size).TakesCursor()
            .Answers(StatusCodes.Status200OK, "A page; an empty one when there are none.")
            .WithResponseExample(StatusCodes.Status200OK, $$"""{"data":[{{UserReply.Example}}],"next_cursor":null}""")
            .Fails(StatusCodes.Status422UnprocessableEntity, "A parameter is not acceptable; `errors` names it and what is allowed.");
    }

    private static async Task<Results<Ok<CursorPage<UserReply>>, Problem>> HandleAsync(
        HttpContext context, WebhooksDbContext database, NpgsqlDataSource connections, CancellationToken cancellationToken)
    {
        if (!Caller.Of(context).IsAdmin) return OnlyAdministrators;
        var parameters = new QueryParameters(context.Request.Query);
        var email = parameters.Take("email", text => EmailAddress.IsWellFormed(text) ? text : null, EmailAddress.Rule);
        var limit = parameters.TakeLimit(Size);
        var after = parameters.TakeCursor(IdCursor.Parse);
        if (parameters.Errors.Count > 0) return Problem.Invalid(parameters.Errors);

        var users = database.Users.AsNoTracking();
        if (email is not null)
        {
            // Nobody has an address that is too long in normal form.
            var stored = await EmailAddress.NormalizedAsync(connections, email, cancellationToken) ?? "";
            users = users.Where(user => user.Email == stored);
        }

        if (after is { Id: var id }) users = users.Where(user => user.Id < id);
        var rows = await users.OrderByDescending(user => user.Id).Take(limit + 1)
            .Select(user => new { user.Id, user.Email, user.Currency, user.IsAdmin, user.CreatedAt }) // Its key's hash does not leave the database.
            .ToListAsync(cancellationToken);
        var replies = rows.ConvertAll(user => new UserReply(user.Id, user.Email, user.Currency, user.IsAdmin, user.CreatedAt.UtcDateTime));
        return TypedResults.Ok(CursorPage<UserReply>.Of(replies, limit, last => new IdCursor(last.UserId)));
    }

    private static Problem OnlyAdministrators => new(StatusCodes.Status403Forbidden, "forbidden",
        "Only an administrator may list users: an admin key (Auth__AdminKeys__n), or the key or token of a user who is one.");
}

/// <summary>A user as an administrator sees them.</summary>
[DisplayName("User")]
internal sealed record UserReply(
    [property: Description("The user's id.")] long UserId,
    [property: Description("The e-mail address, as it is stored: lower case, Unicode's normal form C."), MaxLength(EmailAddress.MaxLength)] string Email,
    [property: Description("Of the user's account: ISO 4217."), RegularExpression(Contracts.Currency.CodePattern)] string Currency,
    [property: Description("Whether the user is an administrator, who sees the data of all users.")] bool IsAdmin,
    [property: Description("When the user was added, UTC.")] DateTime CreatedAt)
{
    /// <summary>An example for the documents.</summary>
    public const string Example = """{"user_id":5,"email":"dora@example.com","currency":"USD","is_admin":false,"created_at":"2026-01-15T10:30:00Z"}""";
}
