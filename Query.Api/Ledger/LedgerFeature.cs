using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;

namespace Query.Api.Ledger;

/// <summary>Registers the check of the ledger, for administrators: route and JSON.</summary>
internal static class LedgerFeature
{
    public static WebApplicationBuilder AddLedgerCheck(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, LedgerCheckJson.Default));
        return builder;
    }

    public static WebApplication MapLedgerCheck(this WebApplication app)
    {
        app.MapGroup("/admin/ledger-check").WithTags("Operations").RequireAdminKey().MapCheckLedger();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(LedgerCheckReply))]
internal sealed partial class LedgerCheckJson : JsonSerializerContext;
