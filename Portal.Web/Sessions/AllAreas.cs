using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace Portal.Web.Sessions;

/// <summary>
/// Makes the sessions of all areas the request's user. A circuit's connection is not of one area, so it has all of them, and each page takes its own
/// (<see cref="Session.Of"/>). There is no default scheme that would do it: a webhook would pay for it too.
/// </summary>
internal static class AllAreas
{
    public static async Task JoinAsync(HttpContext context, RequestDelegate next)
    {
        var identities = new List<ClaimsIdentity>();
        foreach (var area in Enum.GetValues<Area>())
        {
            var result = await context.AuthenticateAsync(SessionsFeature.SchemeOf(area));
            if (result.Succeeded) identities.AddRange(result.Principal.Identities);
        }

        if (identities.Count > 0) context.User = new(identities);
        await next(context);
    }
}
