using System.Text.Json.Serialization;
using Query.Api.Lists;
using ServiceDefaults.Authentication;
using ServiceDefaults.OpenApi;
using ServiceDefaults.RateLimits;

namespace Query.Api.Users;

/// <summary>Registers the list of users, for administrators: routes and JSON.</summary>
internal static class UsersFeature
{
    public static WebApplicationBuilder AddUsers(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, UserReadJson.Default));
        return builder;
    }

    public static WebApplication MapUsers(this WebApplication app)
    {
        app.MapGroup("/api/v1/users").WithTags("Users").RequireUser().LimitedBy(RateLimitPolicy.Global)
            .Fails(StatusCodes.Status503ServiceUnavailable, "The database is unavailable; try again after Retry-After seconds.")
            .MapListUsers();
        return app;
    }
}

/// <summary>Source-generated JSON of the responses; snake_case.</summary>
[JsonSerializable(typeof(CursorPage<UserReply>))]
internal sealed partial class UserReadJson : JsonSerializerContext;
