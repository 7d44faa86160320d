using System.Text.Json.Serialization;
using Data.Payments;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.RateLimits;

namespace Query.Api.Payments;

/// <summary>Registers the reads of payments and balances, for users: routes and JSON.</summary>
internal static class PaymentsFeature
{
    public static WebApplicationBuilder AddPayments(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PaymentReadJson.Default));
        return builder;
    }

    public static WebApplication MapPayments(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").RequireUser().LimitedBy(RateLimitPolicy.Global)
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
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

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(PaymentReply))]
[JsonSerializable(typeof(OffsetPage<PaymentReply>))]
[JsonSerializable(typeof(BalanceReply))]
internal sealed partial class PaymentReadJson : JsonSerializerContext;
