using System.Text.Json.Serialization;
using Sandbox.Bank;
using Sandbox.Inbox;
using Sandbox.Stripe;
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
        ["create_payment_intent"] = "POST /v1/payment_intents, as Stripe's",
        ["list_payment_intents"] = "GET /v1/payment_intents",
        ["get_payment_intent"] = "GET /v1/payment_intents/{id}",
        ["cancel_payment_intent"] = "POST /v1/payment_intents/{id}/cancel",
        ["create_refund"] = "POST /v1/refunds",
        ["list_refunds"] = "GET /v1/refunds",
        ["get_refund"] = "GET /v1/refunds/{id}",
        ["get_stripe_behaviour"] = "GET /stripe/behaviour",
        ["set_stripe_behaviour"] = "PUT /stripe/behaviour {\"behaviour\",\"delay\",\"share\",\"webhooks\"}: what is left out stays",
        ["stripe_books"] = "GET /stripe/books, ?detail=true",
        ["deliver_webhook"] = "POST /sandbox/inbox/{name}, any body; POST /sandbox/inbox is for the one called default",
        ["list_inboxes"] = "GET /sandbox/inbox",
        ["get_inbox"] = "GET /sandbox/inbox/{name}, ?limit=&type=&wait=&after=",
        ["empty_inbox"] = "DELETE /sandbox/inbox/{name}",
        ["set_inbox_secrets"] = "PUT /sandbox/inbox/{name}/secrets {\"secrets\"}",
        ["get_inbox_behaviour"] = "GET /sandbox/inbox/{name}/behaviour",
        ["set_inbox_behaviour"] =
            "PUT /sandbox/inbox/{name}/behaviour {\"behaviour\",\"status\",\"delay\",\"retry_after\",\"share\",\"times\"}: what is left out stays, "
            + "but for times",
        ["get_clock"] = "GET /sandbox/clock",
        ["turn_clock"] = "POST /sandbox/clock {\"now\"} or {\"advance\"}",
        ["reset_clock"] = "DELETE /sandbox/clock",
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
        .MapGet("/", (CurrentBehaviour<BankBehaviour> behaviour, CurrentBehaviour<StripeBehaviour> stripe, Inboxes inboxes) => TypedResults.Json(
            new HomeReply(
                "AspireWebhooks sandbox: a simulated bank, a small Stripe and an inbox for webhooks. It moves no money and forgets everything when it ends.",
                behaviour.Now, BehaviourName.All, new(stripe.Now, StripeBehaviourName.All),
                new(inboxes.Find(Inboxes.Default)!.Behaviour, InboxBehaviourName.All), Endpoints),
            HomeJson.Default.HomeReply))
        .WithName("home").WithTags("Home").WithSummary("What this is, and what can be set.")
        .Produces<HomeReply>().Answers(StatusCodes.Status200OK, "It runs.");
}

/// <summary>The body of <c>GET /</c>.</summary>
/// <param name="Message">What this is.</param>
/// <param name="Now">How the bank behaves now.</param>
/// <param name="Behaviours">Name -> what it does.</param>
/// <param name="Stripe">The same of Stripe.</param>
/// <param name="Inbox">The same of the inbox called default.</param>
/// <param name="Endpoints">Name -> method and path.</param>
internal sealed record HomeReply(
    string Message, BankBehaviour Now, IReadOnlyDictionary<string, string> Behaviours, HomeStripe Stripe, HomeInbox Inbox,
    IReadOnlyDictionary<string, string> Endpoints);

/// <summary>How Stripe behaves.</summary>
/// <param name="Now">Now.</param>
/// <param name="Behaviours">Name -> what it does.</param>
internal sealed record HomeStripe(StripeBehaviour Now, IReadOnlyDictionary<string, string> Behaviours);

/// <summary>How the inbox called default behaves.</summary>
/// <param name="Now">Now.</param>
/// <param name="Behaviours">Name -> what it does.</param>
internal sealed record HomeInbox(InboxBehaviour Now, IReadOnlyDictionary<string, string> Behaviours);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HomeReply))]
internal sealed partial class HomeJson : JsonSerializerContext;
