using System.Text.Json.Serialization;
using Data.Payments;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.RateLimits;

namespace Query.Api.Payments;

/// <summary>The room's door: its routes, for users, and its JSON.</summary>
internal static class PaymentEndpoints
{
    public static WebApplicationBuilder AddPayments(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PaymentReadJson.Default));
        return builder;
    }

    public static WebApplication MapPayments(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").RequireUser().LimitedBy(RateLimitPolicy.Global)
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is away; try again after Retry-After seconds.");
        api.MapPaymentsOf("deposits", "Deposit", PaymentType.Deposit);
        api.MapPaymentsOf("withdrawals", "Withdrawal", PaymentType.Withdrawal);

        var user = api.MapGroup("/users/{user_id}").WithTags("Accounts");
        user.MapGetBalance();
        user.MapListUserTransactions();
        return app;
    }

    private static void MapPaymentsOf(this RouteGroupBuilder api, string path, string name, string type)
    {
        var group = api.MapGroup($"/{path}").WithTags("Payments");
        group.MapGetPayment(name, type);
        group.MapListPayments(name, type);
    }
}

/// <summary>Source-generated JSON of what this room answers with; names and numbers by the service's own options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PaymentReply))]
[JsonSerializable(typeof(PaymentPage))]
[JsonSerializable(typeof(BalanceReply))]
internal sealed partial class PaymentReadJson : JsonSerializerContext;
