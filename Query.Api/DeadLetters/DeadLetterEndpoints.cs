using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;

namespace Query.Api.DeadLetters;

/// <summary>The room's door: its routes, for administrators, and its JSON.</summary>
internal static class DeadLetterEndpoints
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
        return app;
    }
}

/// <summary>Source-generated JSON of what this room answers with; names and numbers by the service's own options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeadLetterPage))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;
