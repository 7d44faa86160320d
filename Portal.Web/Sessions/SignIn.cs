using Microsoft.AspNetCore.Authentication;

namespace Portal.Web.Sessions;

/// <summary>Begins a session: its cookie lives as long as the credential in it, and no longer than the browser.</summary>
internal static class SignIn
{
    /// <summary>Sets the area's cookie.</summary>
    public static Task AsAsync(HttpContext context, Session session) =>
        context.SignInAsync(SessionsFeature.SchemeOf(session.Area), session.ToPrincipal(), new() { ExpiresUtc = session.ExpiresAt });

    /// <summary>
    /// A path of this site to return to; anything else, such as another site's address, leads to <paramref name="otherwise"/>. Browsers leave out control
    /// characters: a tab between two slashes would make another site of a path.
    /// </summary>
    public static string LocalPath(string? path, string otherwise) =>
        path is ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl) && Uri.TryCreate(path, UriKind.Relative, out _) ? path : otherwise;
}
