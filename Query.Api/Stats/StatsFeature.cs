using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;

namespace Query.Api.Stats;

/// <summary>Registers the operator's figures: route and JSON.</summary>
internal static class StatsFeature
{
    public static WebApplicationBuilder AddStats(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, StatsJson.Default));
        return builder;
    }

    public static WebApplication MapStats(this WebApplication app)
    {
        app.MapGroup("/admin/stats").WithTags("Operations").RequireAdminKey().MapGetStats();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(StatsReply))]
internal sealed partial class StatsJson : JsonSerializerContext;
