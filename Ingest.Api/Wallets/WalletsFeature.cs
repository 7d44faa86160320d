using Ingest.Api.Database;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;

namespace Ingest.Api.Wallets;

/// <summary>Wallets: creating and crediting them.</summary>
internal static class WalletsFeature
{
    public static void AddWallets(this WebApplicationBuilder builder) =>
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WalletsJson.Wire));

    public static void MapWallets(this WebApplication app)
    {
        var group = app.MapGroup("/wallets").WithTags("Wallets").RequireApiKey(app.Services).MayNeedKey().TriesTwice();
        group.MapCreateWallet();
        group.MapCreditWallet();
    }
}
