using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Portal.Web.FrontDoor;
using Portal.Web.Shell;
using ServiceDefaults.OpenApi;

namespace Portal.Web.Home;

/// <summary><c>GET /</c>: the front door's state and every endpoint; a browser is led to the portal.</summary>
internal static class HomeEndpoint
{
    /// <summary>Where the portal begins: a user's overview, or their log-in.</summary>
    private const string PortalPath = "/account";

    private static readonly string Version = typeof(HomeEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>What the front door serves by itself, as in <see cref="Routes.Table"/>.</summary>
    private static readonly (string Name, string Path)[] Own =
        [("home", "/"), ("health", "/health"), ("alive", "/alive"), ("docs", "/docs"), ("openapi", "/openapi.json")];

    /// <summary>Name -> method and path of every endpoint, from the table that they are routed by.</summary>
    private static readonly IReadOnlyDictionary<string, string> Endpoints = new Dictionary<string, string>(
        Routes.Table.Select(route => KeyValuePair.Create(route.Name, $"{route.Methods[0]} {route.Path}"))
            .Concat(Own.Select(own => KeyValuePair.Create(own.Name, $"{HttpMethods.Get} {own.Path}"))));

    public static void MapHome(this IEndpointRouteBuilder routes) => routes.MapGet("/", Home)
        .WithName("getHome").WithTags("Home").WithSummary("The front door's state and every endpoint.")
        .WithDescription("A browser, which accepts text/html, is led to the portal instead: 302.")
        .Produces<HomeReply>().Answers(StatusCodes.Status200OK, "The front door answers.")
        .WithResponseExample(StatusCodes.Status200OK,
            """
            {"status":"HEALTHY","current_time":"2026-01-15T10:30:00Z","message":"AspireWebhooks","version":"0.1.0","docs":"/docs",
             "endpoints":{"send_transaction":"POST /v1/webhooks/transactions","docs":"GET /docs","openapi":"GET /openapi.json"}}
            """);

    private static Results<JsonHttpResult<HomeReply>, RedirectHttpResult> Home(HttpContext context, TimeProvider clock)
    {
        context.Response.Headers.Vary = HeaderNames.Accept;
        if (PagesBesideApi.PrefersPages(context.Request)) return TypedResults.Redirect(PortalPath);
        return TypedResults.Json(
            new HomeReply("HEALTHY", clock.GetUtcNow().UtcDateTime, "AspireWebhooks", Version, "/docs", Endpoints), HomeJson.Wire.HomeReply);
    }
}

/// <summary>The body of <c>GET /</c>.</summary>
[DisplayName("Home")]
internal sealed record HomeReply(
    [property: Description("The front door answers. GET /health has the state of the services behind it."), AllowedValues("HEALTHY")] string Status,
    [property: Description("The server's clock, UTC.")] DateTime CurrentTime,
    [property: Description("The system's name.")] string Message,
    [property: Description("The version of the front door.")] string Version,
    [property: Description("Where the interactive documentation is.")] string Docs,
    [property: Description("Name -> method and path.")] IReadOnlyDictionary<string, string> Endpoints);

[JsonSerializable(typeof(HomeReply))]
internal sealed partial class HomeJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static HomeJson Wire { get; } = new(WireJson.Options());
}
