using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;

namespace Query.Api.Search;

/// <summary>Registers the search, for administrators: route and JSON.</summary>
internal static class SearchFeature
{
    public static WebApplicationBuilder AddSearch(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, SearchJson.Default));
        return builder;
    }

    public static WebApplication MapSearch(this WebApplication app)
    {
        app.MapGroup("/admin/search").WithTags("Operations").RequireAdminKey().MapSearchEverything();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(SearchReply))]
internal sealed partial class SearchJson : JsonSerializerContext;
