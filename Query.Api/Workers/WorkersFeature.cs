using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;

namespace Query.Api.Workers;

/// <summary>Registers the list of workers, for administrators: route and JSON.</summary>
internal static class WorkersFeature
{
    public static WebApplicationBuilder AddWorkers(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WorkersJson.Default));
        return builder;
    }

    public static WebApplication MapWorkers(this WebApplication app)
    {
        app.MapGroup("/admin/workers").WithTags("Operations").RequireAdminKey().MapListWorkers();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(WorkersReply))]
internal sealed partial class WorkersJson : JsonSerializerContext;
