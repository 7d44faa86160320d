using System.Text.Json.Serialization;
using Contracts;
using Ingest.Api.Database;
using ServiceDefaults.Authentication;
using ServiceDefaults.RateLimits;

namespace Ingest.Api.Users;

/// <summary>Users and logins: routes and JSON.</summary>
internal static class UsersFeature
{
    public static void AddUsers(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, UserJson.Wire));
    }

    public static void MapUsers(this WebApplication app)
    {
        app.MapGroup("/api/v1/auth").WithTags("Users").LimitedOnceVerifiedBy(RateLimitPolicy.Global, before: StatusCodes.Status422UnprocessableEntity)
            .TriesTwice().MapLogIn();

        var users = app.MapGroup("/api/v1/users").WithTags("Users").RequireUser().LimitedBy(RateLimitPolicy.Global).TriesTwice();
        users.MapRegisterUser();
        users.MapRotateKey();
    }
}

/// <summary>Source-generated JSON of the answers.</summary>
[JsonSerializable(typeof(LogInReply))]
[JsonSerializable(typeof(RegisteredReply))]
[JsonSerializable(typeof(RotatedKeyReply))]
internal sealed partial class UserJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static UserJson Wire { get; } = new(WireJson.Options());
}
