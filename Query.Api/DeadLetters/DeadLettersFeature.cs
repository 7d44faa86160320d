using System.Text.Json.Serialization;
using Query.Api.Lists;
using ServiceDefaults.Authentication;

namespace Query.Api.DeadLetters;

/// <summary>Registers the reads of dead letters, for administrators: routes and JSON.</summary>
internal static class DeadLettersFeature
{
    public static WebApplicationBuilder AddDeadLetters(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, DeadLetterJson.Default));
        return builder;
    }

    public static WebApplication MapDeadLetters(this WebApplication app)
    {
        var group = app.MapGroup("/admin/dead-letters").WithTags("Dead letters").RequireAdminKey();
        group.MapListDeadLetters();
        group.MapListReasons();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(CursorPage<DeadLetterReply>))]
[JsonSerializable(typeof(ReasonsReply))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
