using System.Globalization;
using ServiceDefaults.Authentication;
using ServiceDefaults.Problems;

namespace Query.Api.Payments;

/// <summary>Access to <c>/users/{user_id}/...</c>: that user and administrators.</summary>
internal static class AccountPath
{
    /// <summary>The 404 for a text that cannot be a user's id.</summary>
    public static Problem NotAnId => Problem.NotFound("That is not a user's id: one is a whole number from 1 on.");

    /// <summary>404 for a text that cannot be a user's id, 403 for another user's id whether that user exists or not, otherwise null.</summary>
    public static Problem? Refusal(string text, HttpContext context, out long userId)
    {
        if (!RowId.TryParse(text, out userId)) return NotAnId;
        var caller = Caller.Of(context);
        return caller.MaySee(userId) ? null : new(StatusCodes.Status403Forbidden, "forbidden",
            $"User {userId} is not you. Ask for /api/v1/users/{caller.UserId}, which is.");
    }
}

/// <summary>An id in a path.</summary>
internal static class RowId
{
    /// <summary>Returns false for a text that cannot be an id: the database counts from 1.</summary>
    public static bool TryParse(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;
}
