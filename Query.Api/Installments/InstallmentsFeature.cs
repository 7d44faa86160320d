using Data.Installments;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Query.Api.Installments;

/// <summary>Registers the reads of installment orders and installments: routes and JSON.</summary>
internal static class InstallmentsFeature
{
    public static WebApplicationBuilder AddInstallments(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, InstallmentJson.Wire));
        return builder;
    }

    public static WebApplication MapInstallments(this WebApplication app)
    {
        var group = app.MapGroup("/installments").WithTags("Installments").RequireApiKey(app.Services).MayNeedKey()
            .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
        group.MapListOrders();
        group.MapGetOrder();
        group.MapListInstallments();
        group.MapListDueInstallments();
        return app;
    }
}
