using Microsoft.AspNetCore.Components.Endpoints;
using Portal.Web.Operator;

namespace Portal.Web.Shell;

/// <summary>
/// A browser that asks for a page below <c>/admin</c> that is not there gets a page that says so, with status 404. A route for all paths would do the same, but
/// take the API's own 405s there, and what programs get for a wrong path is the problem that they know.
/// </summary>
internal static class MissingPages
{
    public static Task ShowAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is null && HttpMethods.IsGet(context.Request.Method) && context.Request.Path.StartsWithSegments("/admin")
            && PagesBesideApi.PrefersPages(context.Request))
            context.SetEndpoint(context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.FirstOrDefault(IsMissingPage));
        return next(context);
    }

    private static bool IsMissingPage(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(MissingPage);
}
