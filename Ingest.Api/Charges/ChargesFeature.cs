using System.Text.Json.Serialization;
using Contracts;
using Data.Charges;
using Ingest.Api.Database;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Ingest.Api.Charges;

/// <summary>Charges, refunds and Stripe's webhook: routes, services and JSON.</summary>
internal static class ChargesFeature
{
    public static void AddCharges(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StripeWebhookOptions>()
            .Configure<IConfiguration>((webhook, configuration) => webhook.Secret = configuration[StripeWebhookOptions.Setting])
            .Validate(o => o.Secret is null || o.Secret.Length >= StripeWebhookOptions.MinSecretLength,
                $"{StripeWebhookOptions.Setting} must have at least {StripeWebhookOptions.MinSecretLength} characters.")
            .Validate<IHostEnvironment>((o, environment) => environment.IsDevelopment() || o.Secret != StripeWebhookOptions.DevelopmentSecret,
                $"{StripeWebhookOptions.Setting}: {StripeWebhookOptions.DevelopmentSecret} is public and accepted in Development only. Set the signing secret "
                + "of the endpoint that Stripe's dashboard shows (with the AppHost: Parameters__stripe_webhook_secret).")
            .ValidateOnStart();
        builder.Services.AddSingleton<PublishCharge>();
        builder.Services.AddSingleton<StripeAnswers>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StripeAnswers>());
        builder.Services.AddSingleton<ChargeOutcomes>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ChargeBodyJson.Wire));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ChargeJson.Wire));
    }

    public static void MapCharges(this WebApplication app)
    {
        var group = app.MapGroup("/charges").WithTags("Charges").RequireApiKey(app.Services).MayNeedKey().TriesTwice();
        group.MapCreateCharge();
        group.MapCreateRefund();
        app.MapStripeWebhook();
    }
}

/// <summary>Source-generated JSON of the bodies, for the document; snake_case.</summary>
[JsonSerializable(typeof(ChargeBody))]
[JsonSerializable(typeof(RefundBody))]
[JsonSerializable(typeof(StripeWebhookReply))]
internal sealed partial class ChargeBodyJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static ChargeBodyJson Wire { get; } = new(WireJson.Options());
}
