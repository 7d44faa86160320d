using Data.Charges;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Query.Api.Charges;

/// <summary>Registers the reads of charges and their refunds: routes and JSON.</summary>
internal static class ChargesFeature
{
    public static WebApplicationBuilder AddCharges(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ChargeJson.Wire));
        return builder;
    }

    public static WebApplication MapCharges(this WebApplication app)
    {
        var group = app.MapGroup("/charges").WithTags("Charges").RequireApiKey(app.Services).MayNeedKey()
            .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
        group.MapListCharges();
        group.MapGetCharge();
        group.MapListRefunds();
        return app;
    }
}
