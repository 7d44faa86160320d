using System.Text.Json.Serialization;
using ServiceDefaults.Authentication;
using ServiceDefaults.RateLimits;

namespace Ingest.Api.Users;

/// <summary>The room's door: its routes, its services and its JSON.</summary>
internal static class UserEndpoints
{
    public static void AddUsers(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, UserJson.Default));
    }

    public static void MapUsers(this WebApplication app)
    {
        app.MapGroup("/api/v1/auth").WithTags("Users").LimitedBy(RateLimitPolicy.Global).MapLogIn();

        var users = app.MapGroup("/api/v1/users").WithTags("Users").RequireUser().LimitedBy(RateLimitPolicy.Global);
        users.MapRegisterUser();
        users.MapRotateKey();
    }
}

/// <summary>Source-generated JSON of what this room answers with.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LogInReply))]
[JsonSerializable(typeof(RegisteredReply))]
[JsonSerializable(typeof(RotatedKeyReply))]
internal sealed partial class UserJson : JsonSerializerContext;
