using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Authentication;

/// <summary>Who calls, on endpoints that ask for a user.</summary>
/// <param name="UserId">The user's id; 0 for an admin key from the configuration, which is no user.</param>
/// <param name="IsAdmin">Whether they see everybody's things.</param>
public sealed record Caller(long UserId, bool IsAdmin)
{
    /// <summary>The caller of this request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not ask for a user: <c>RequireUser</c> is missing.</exception>
    public static Caller Of(HttpContext context) =>
        context.User.FindFirst(ClaimTypes.NameIdentifier) is { } id
            ? new(long.Parse(id.Value, CultureInfo.InvariantCulture), context.User.IsInRole(ApiKeyAuthentication.AdminRole))
            : throw new InvalidOperationException("This endpoint does not ask for a user: add RequireUser() to its route.");

    /// <summary>Whether this caller may see that user's things.</summary>
    public bool MaySee(long userId) => IsAdmin || UserId == userId;
}
