using Data.Payments;
using Ingest.Api.Database;
using ServiceDefaults.Authentication;
using ServiceDefaults.RateLimits;

namespace Ingest.Api.Payments;

/// <summary>Deposits, withdrawals and the bank's callbacks: routes, services and JSON.</summary>
internal static class PaymentsFeature
{
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CallbackOptions>()
            .Configure<IConfiguration>((callbacks, configuration) => callbacks.Secret = configuration[CallbackOptions.Setting])
            .Validate(o => o.Secret is null || o.Secret.Length >= CallbackOptions.MinSecretLength,
                $"{CallbackOptions.Setting} must have at least {CallbackOptions.MinSecretLength} characters.")
            .Validate<IHostEnvironment>((o, environment) => environment.IsDevelopment() || o.Secret != CallbackOptions.DevelopmentSecret,
                $"{CallbackOptions.Setting}: {CallbackOptions.DevelopmentSecret} is public and accepted in Development only. Set the secret that "
                + "the bank signs with (with the AppHost: Parameters__webhook_secret).")
            .ValidateOnStart();
        builder.Services.AddSingleton<PublishPayment>();
        builder.Services.AddSingleton<CallbackMetrics>();
        builder.Services.AddSingleton<SettlementQueue>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PaymentsJson.Default));
    }

    public static void MapPayments(this WebApplication app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Payments").RequireUser().LimitedBy(RateLimitPolicy.Global).TriesTwice();
        group.MapCreatePayment(
            "/deposits", PaymentType.Deposit, "Starts a deposit",
            "Money from the bank to your account: pending, then processing while the bank works, then success or failed.");
        group.MapCreatePayment(
            "/withdrawals", PaymentType.Withdrawal, "Starts a withdrawal",
            "Money from your account to the bank. The amount is held at once; a withdrawal that fails gives it back.");
        app.MapBankCallback();
    }
}
