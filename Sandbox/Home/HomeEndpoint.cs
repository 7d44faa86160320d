using System.Text.Json.Serialization;
using Sandbox.Bank;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Starting;

namespace Sandbox.Home;

/// <summary><c>GET /</c>: what the sandbox is, its endpoints and its behaviours.</summary>
internal static class HomeEndpoint
{
    private static readonly IReadOnlyDictionary<string, string> Endpoints = new Dictionary<string, string>
    {
        ["send_transfer"] = "POST /transfers, with Idempotency-Key: payment:{transaction_id}",
        ["get_transfer"] = "GET /transfers/{transaction_id}",
        ["get_behaviour"] = "GET /behaviour",
        ["set_behaviour"] = "PUT /behaviour {\"behaviour\",\"success_rate\",\"min_delay\",\"max_delay\"}: what is left out stays",
        ["health"] = "GET /health",
        ["alive"] = "GET /alive",
    };

    public static void RefuseOutsideDevelopment(this WebApplicationBuilder builder)
    {
        if (builder.Environment.IsDevelopment()) return;
        throw new SettingException(
            $"The sandbox simulates a bank and moves no money. It runs in Development only, not in {builder.Environment.EnvironmentName}. "
            + "Leave it out there, and set Bank__Url on Processor.Worker to the real bank.");
    }

    public static void MapHome(this IEndpointRouteBuilder routes) => routes
        .MapGet("/", (CurrentBehaviour behaviour) => TypedResults.Json(
            new HomeReply(
                "AspireWebhooks sandbox: a simulated bank. It moves no money and forgets everything when it ends.",
                behaviour.Now, BehaviourName.All, Endpoints),
            HomeJson.Default.HomeReply))
        .WithName("home").WithTags("Home").WithSummary("What this is, and what can be set.")
        .Produces<HomeReply>().Answers(StatusCodes.Status200OK, "It runs.");
}

/// <summary>The body of <c>GET /</c>.</summary>
/// <param name="Message">What this is.</param>
/// <param name="Now">How the bank behaves now.</param>
/// <param name="Behaviours">Name -> what it does.</param>
/// <param name="Endpoints">Name -> method and path.</param>
internal sealed record HomeReply(
    string Message, BankBehaviour Now, IReadOnlyDictionary<string, string> Behaviours, IReadOnlyDictionary<string, string> Endpoints);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HomeReply))]
internal sealed partial class HomeJson : JsonSerializerContext;
