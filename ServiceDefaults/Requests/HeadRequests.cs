using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Requests;

/// <summary>
/// Serves HEAD wherever GET is served (RFC 9110, 9.1), for every endpoint of a service, without a route for each. ASP.NET Core routes HEAD only where an
/// endpoint names it, so a HEAD request is routed as GET and is HEAD again for whoever handles it. The server sends no body to it in any case.
/// </summary>
/// <remarks>Costs any other request two comparisons of its method and, for a GET, a look-up of one feature.</remarks>
public sealed class HeadRequests : IStartupFilter
{
    /// <summary>Before the routing, which a WebApplication puts in front of everything that its Program.cs adds.</summary>
    Action<IApplicationBuilder> IStartupFilter.Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (HttpContext context, RequestDelegate rest) =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
            {
                context.Features.Set(Routed.AsGet);
                context.Request.Method = HttpMethods.Get;
            }

            return rest(context);
        });
        next(app);
    };

    /// <summary>Runs a middleware that knows GET alone, such as one that serves pages.</summary>
    /// <param name="context">The request.</param>
    /// <param name="middleware">What is to see it as GET, and all that comes after it.</param>
    public static Task AsGetAsync(HttpContext context, RequestDelegate middleware)
    {
        if (HttpMethods.IsHead(context.Request.Method)) context.Request.Method = HttpMethods.Get;
        return middleware(context);
    }

    /// <summary>After the routing.</summary>
    internal static Task RestoreAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Features.Get<Routed>() is not null) context.Request.Method = HttpMethods.Head;
        return next(context);
    }

    /// <summary>Names HEAD in the Allow of a 405 where GET is.</summary>
    internal static void Announce(HttpResponse response)
    {
        var methods = response.Headers.GetCommaSeparatedValues("Allow");
        if (!methods.Contains(HttpMethods.Get) || methods.Contains(HttpMethods.Head)) return;
        response.Headers.Allow = string.Join(", ", [.. methods, HttpMethods.Head]);
    }

    private sealed class Routed
    {
        public static readonly Routed AsGet = new();
    }
}
