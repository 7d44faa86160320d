using System.Text.Json.Serialization;
using Contracts;
using Data.Wallets;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Query.Api.Wallets;

/// <summary>Registers the reads of wallets: routes and JSON.</summary>
internal static class WalletsFeature
{
    public static WebApplicationBuilder AddWallets(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, WalletJson.Wire);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, LedgerJson.Wire);
        });
        return builder;
    }

    public static WebApplication MapWallets(this WebApplication app)
    {
        var group = app.MapGroup("/wallets").WithTags("Wallets").RequireApiKey(app.Services).MayNeedKey()
            .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came.")
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.");
        group.MapListWallets();
        group.MapGetWallet();
        group.MapGetLedger();
        return app;
    }
}

/// <summary>Source-generated JSON of ledgers; snake_case, with every member.</summary>
[JsonSerializable(typeof(List<LedgerLine>))]
internal sealed partial class LedgerJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static LedgerJson Wire { get; } = new(WireJson.Options());
}
