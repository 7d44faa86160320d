using ServiceDefaults.Authentication;
using ServiceDefaults.Problems;

namespace Query.Api.Payments;

/// <summary>Who may look into <c>/users/{user_id}/...</c>: that user, and administrators.</summary>
internal static class AccountPath
{
    /// <summary>404 for what is no user's id, 403 for somebody else's whether there is such a user or not, else null.</summary>
    public static Problem? Refusal(string text, HttpContext context, out long userId)
    {
        if (!RowId.TryParse(text, out userId)) return Problem.NotFound("That is not a user's id: one is a whole number from 1 on.");
        var caller = Caller.Of(context);
        return caller.MaySee(userId) ? null : new(StatusCodes.Status403Forbidden, "forbidden",
            $"User {userId} is not you. Ask for /api/v1/users/{caller.UserId}, which is.");
    }
}
