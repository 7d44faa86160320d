using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Web.FrontDoor;
using ServiceDefaults.OpenApi;

namespace Portal.Web.Home;

/// <summary><c>GET /</c>: the front door's state and every endpoint.</summary>
internal static class HomeEndpoint
{
    private static readonly string Version = typeof(HomeEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>What the front door serves by itself, as in <see cref="Routes.Table"/>.</summary>
    private static readonly (string Name, string Path)[] Own =
        [("home", "/"), ("health", "/health"), ("alive", "/alive"), ("docs", "/docs"), ("openapi_portal", "/openapi/portal.json")];

    /// <summary>Name -> method and path of every endpoint, from the table that they are routed by.</summary>
    private static readonly IReadOnlyDictionary<string, string> Endpoints = new Dictionary<string, string>(
        Routes.Table.Select(route => KeyValuePair.Create(route.Name, $"{route.Methods[0]} {route.Path}"))
            .Concat(Own.Select(own => KeyValuePair.Create(own.Name, $"{HttpMethods.Get} {own.Path}"))));

    public static void MapHome(this IEndpointRouteBuilder routes) => routes.MapGet("/", Home)
        .WithName("home").WithTags("Home").WithSummary("The front door's state and every endpoint.")
        .Produces<HomeReply>().Answers(StatusCodes.Status200OK, "The front door answers.");

    private static JsonHttpResult<HomeReply> Home(TimeProvider clock) => TypedResults.Json(
        new HomeReply("HEALTHY", clock.GetUtcNow().UtcDateTime, "AspireWebhooks", Version, "/docs", Endpoints), HomeJson.Default.HomeReply);
}

/// <summary>The body of <c>GET /</c>.</summary>
internal sealed record HomeReply(
    [property: Description("HEALTHY: the front door answers. GET /health has the state of the services behind it.")] string Status,
    [property: Description("The server's clock, UTC.")] DateTime CurrentTime,
    string Message,
    string Version,
    [property: Description("Where the interactive documentation is.")] string Docs,
    [property: Description("Name -> method and path.")] IReadOnlyDictionary<string, string> Endpoints);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HomeReply))]
internal sealed partial class HomeJson : JsonSerializerContext;
