using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.OpenApi;

namespace Portal.Web.Home;

/// <summary><c>GET /</c>: the front door's state and the main endpoints.</summary>
internal static class HomeEndpoint
{
    private static readonly string Version = typeof(HomeEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Name -> method and path of the main endpoints; /docs lists all.</summary>
    private static readonly IReadOnlyDictionary<string, string> Endpoints = new Dictionary<string, string>
    {
        ["send_transaction"] = "POST /v1/webhooks/transactions",
        ["get_transaction"] = "GET /v1/transactions/{transaction_id}",
        ["list_transactions"] = "GET /v1/transactions",
        ["log_in"] = "POST /api/v1/auth/login",
        ["deposit"] = "POST /api/v1/deposits",
        ["withdraw"] = "POST /api/v1/withdrawals",
        ["get_balance"] = "GET /api/v1/users/{user_id}/balance",
        ["list_user_transactions"] = "GET /api/v1/users/{user_id}/transactions",
        ["list_dead_letters"] = "GET /admin/dead-letters",
        ["redrive_dead_letter"] = "POST /admin/dead-letters/{id}/redrive",
        ["redrive_dead_letters"] = "POST /admin/dead-letters/redrive",
        ["delete_dead_letter"] = "DELETE /admin/dead-letters/{id}",
        ["worker_health"] = "GET /health/worker",
        ["health"] = "GET /health",
        ["alive"] = "GET /alive",
        ["docs"] = "GET /docs",
    };

    public static void MapHome(this IEndpointRouteBuilder routes) => routes.MapGet("/", Home)
        .WithName("home").WithTags("Home").WithSummary("The front door's state and the main endpoints.")
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
