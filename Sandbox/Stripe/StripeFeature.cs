using System.Text.Json.Serialization;
using Contracts;
using Microsoft.Extensions.Options;
using Sandbox.Requests;
using Sandbox.Stripe.Books;
using Sandbox.Stripe.Intents;
using Sandbox.Stripe.Refunds;
using Sandbox.Stripe.Requests;
using Sandbox.Stripe.Webhooks;

namespace Sandbox.Stripe;

/// <summary>Registers Stripe: settings, services, routes and JSON.</summary>
internal static class StripeFeature
{
    private const string Ingest = "services:ingest-api:http:0";
    private const string Secret = "STRIPE_WEBHOOK_SECRET";

    /// <param name="builder">The service.</param>
    /// <param name="chance">Creates the source of random numbers from the configured seed.</param>
    public static void AddStripe(this WebApplicationBuilder builder, Func<int?, Random> chance)
    {
        builder.Services.AddOptions<StripeOptions>().BindConfiguration(StripeOptions.Section)
            .PostConfigure<IConfiguration>((stripe, configuration) =>
            {
                stripe.Secret = configuration[Secret] ?? "";
                stripe.WebhookUrl ??= Uri.TryCreate(configuration[Ingest], UriKind.Absolute, out var ingest) ? ingest : null;
            })
            .Validate(stripe => stripe.Secret != "", $"{Secret} is missing: Stripe's webhooks are signed with it. Set it to what Ingest.Api has as {Secret}.")
            .Validate(stripe => stripe.WebhookUrl is { IsAbsoluteUri: true, Scheme: "http" or "https" },
                "Stripe__WebhookUrl must be the address that webhooks go to, such as http://localhost:8000. The AppHost makes it unnecessary.")
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StripeOptions>, BehaviourCheck>();
        builder.Services.AddSingleton(services => new CurrentBehaviour<StripeBehaviour>(services.GetRequiredService<IOptions<StripeOptions>>().Value.AtStart));
        builder.Services.AddSingleton(services => new StripeChance(chance(services.GetRequiredService<IOptions<StripeOptions>>().Value.Seed)));
        builder.Services.AddSingleton<StripeBooks>().AddSingleton<CreateIntent>().AddSingleton<CancelIntent>().AddSingleton<CreateRefund>();
        builder.Services.AddSingleton<KeptAnswers>().AddSingleton<StripeRequests>();
        builder.Services.AddSingleton<LateResults>().AddSingleton<StripeEvents>();
        builder.Services.AddHostedService<SendStripeEvents>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, StripeJson.Wire));
    }

    public static void MapStripe(this WebApplication app)
    {
        app.MapStripeApi();
        app.MapStripeBooks();
        app.MapStripeBehaviour();
    }

    /// <summary>Reports faults by the name of the setting instead of the JSON member: Stripe__Share for share.</summary>
    private sealed class BehaviourCheck : IValidateOptions<StripeOptions>
    {
        public ValidateOptionsResult Validate(string? name, StripeOptions options)
        {
            var faults = options.AtStart.Faults().Select(fault => $"{SettingName.Of(StripeOptions.Section, fault.Field)} {fault.Message}").ToArray();
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}

/// <summary>Source-generated JSON of answers, events and switches; snake_case. Members without a value are null, as Stripe's are.</summary>
[JsonSerializable(typeof(PaymentIntent))]
[JsonSerializable(typeof(Charge))]
[JsonSerializable(typeof(Refund))]
[JsonSerializable(typeof(StripeList<PaymentIntent>))]
[JsonSerializable(typeof(StripeList<Refund>))]
[JsonSerializable(typeof(StripeErrorBody))]
[JsonSerializable(typeof(StripeEvent))]
[JsonSerializable(typeof(StripeSums))]
[JsonSerializable(typeof(StripeBehaviour))]
[JsonSerializable(typeof(StripeBehaviourChange))]
internal sealed partial class StripeJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static StripeJson Wire { get; } = new(WireJson.Options());
}

/// <summary>How Stripe behaves when it starts, and where its webhooks go. Section <c>Stripe</c>.</summary>
internal sealed class StripeOptions
{
    public const string Section = "Stripe";

    /// <summary>One of <see cref="StripeBehaviourName.All"/>.</summary>
    public string Behaviour { get; set; } = StripeBehaviourName.Normal;

    /// <summary>How long slow answers and late results take.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The part of the requests that the behaviour is done to, 0 to 1.</summary>
    public double Share { get; set; } = 1;

    /// <summary><c>all</c> or <c>late</c>.</summary>
    public string Webhooks { get; set; } = StripeWebhooks.All;

    /// <summary>Makes ids and decisions repeatable: the same requests in the same order fare alike. Null for others in every run.</summary>
    public int? Seed { get; set; }

    /// <summary>The address that webhooks go to. Null for <c>services__ingest-api__http__0</c>, which the AppHost sets.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>The secret that signs webhooks: the environment variable <c>STRIPE_WEBHOOK_SECRET</c>, not by configuration of this section.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The behaviour at the start.</summary>
    public StripeBehaviour AtStart => new(Behaviour, Delay, Share, Webhooks);
}
