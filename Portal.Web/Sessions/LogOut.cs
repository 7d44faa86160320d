using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.Problems;

namespace Portal.Web.Sessions;

/// <summary><c>POST /account/log-out</c>, <c>/admin/log-out</c> and <c>/consumer/log-out</c>: ends the area's session. The form's token is checked.</summary>
internal static class LogOut
{
    public static void MapLogOut(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/account/log-out", Area.Payer, "/login");
        Map(routes, "/admin/log-out", Area.Operator, "/admin/login");
        Map(routes, "/consumer/log-out", Area.Consumer, "/consumer/link");
    }

    private static void Map(IEndpointRouteBuilder routes, string path, Area area, string next) => routes
        .MapPost(path, async Task<Results<RedirectHttpResult, Problem>> (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context)) return NotOurForm;
            await context.SignOutAsync(SessionsFeature.SchemeOf(area));
            return TypedResults.LocalRedirect(next);
        })
        .ExcludeFromDescription();

    private static Problem NotOurForm => new(
        StatusCodes.Status400BadRequest, "bad_request", "The form is not one of this portal's, or it is too old. Load the page again and log out there.");
}
