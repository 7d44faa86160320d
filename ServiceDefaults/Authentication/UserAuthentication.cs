using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace ServiceDefaults.Authentication;

/// <summary>
/// Users: <c>X-API-Key: KEY</c>, <c>Authorization: Bearer KEY</c> or <c>Authorization: Bearer TOKEN</c>. An admin key from the configuration
/// is accepted too, as a caller that is no user and sees everything. <see cref="Caller.Of"/> returns the caller.
/// </summary>
public static class UserAuthentication
{
    /// <summary>Used only by the endpoints that require a user.</summary>
    internal const string Scheme = "User";

    /// <summary>Adds the scheme. After AddApiKeyAuthentication.</summary>
    /// <typeparam name="TUsers">The service that finds users: the database.</typeparam>
    /// <param name="builder">The service.</param>
    /// <param name="findByKey">Finds the user of an API key by <typeparamref name="TUsers"/>; null when there is none.</param>
    public static WebApplicationBuilder AddUserAuthentication<TUsers>(
        this WebApplicationBuilder builder, Func<TUsers, string, CancellationToken, Task<(long UserId, bool IsAdmin)?>> findByKey) where TUsers : notnull
    {
        builder.Services.AddOptions<JwtOptions>()
            .BindConfiguration(JwtOptions.Section)
            .Validate(jwt => jwt.SigningKeys.All(JwtOptions.IsLongEnough),
                $"Auth__Jwt__SigningKeys__n: each must be at least {JwtOptions.MinKeyBytes} bytes long, such as what `openssl rand -base64 32` prints.")
            .Validate<IHostEnvironment>((jwt, environment) => environment.IsDevelopment() || !jwt.SigningKeys.Contains(JwtOptions.DevelopmentSigningKey),
                $"Auth__Jwt__SigningKeys__n: {JwtOptions.DevelopmentSigningKey} is known to everybody and serves in Development only. Set a key of your own "
                + "(with the AppHost: Parameters__jwt_signing_key), such as what `openssl rand -base64 32` prints.")
            .Validate(jwt => jwt.Lifetime >= TimeSpan.FromMinutes(1) && jwt.Lifetime <= TimeSpan.FromDays(1),
                "Auth__Jwt__Lifetime must be between 00:01:00 and 1.00:00:00, such as 01:00:00.")
            .ValidateOnStart();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton(services =>
            new UsersByKey((key, cancellationToken) => findByKey(services.GetRequiredService<TUsers>(), key, cancellationToken)));
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, UserHandler>(Scheme, configureOptions: null);
        return builder;
    }

    /// <summary>Requires a user on these endpoints; <see cref="Caller.Of"/> returns which.</summary>
    public static TBuilder RequireUser<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints
        .RequireAuthorization(policy => policy.AddAuthenticationSchemes(Scheme).RequireClaim(ClaimTypes.NameIdentifier))
        .NeedsUser()
        .Fails(StatusCodes.Status401Unauthorized, "No user's key or access token came, or one that is unknown or has expired.")
        .Fails(StatusCodes.Status403Forbidden, "The credential is valid but does not allow this.");

    private sealed record UsersByKey(Func<string, CancellationToken, Task<(long UserId, bool IsAdmin)?>> FindAsync);

    private sealed class UserHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
        ApiKeys keys, AccessTokens tokens, UsersByKey users, AuthFailures? failures = null)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        private bool _isTokenRefused;

        protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Credential.Of(Request) is not { } credential) return AuthenticateResult.NoResult();

            // A key from the configuration is no user; an ordinary one gets a 403 that says so.
            if (keys.Accepts(credential.Text, out var isAdmin)) return Success(isAdmin ? new Caller(0, IsAdmin: true) : null);
            if (credential.IsBearer && AccessTokens.IsOne(credential.Text))
            {
                if (await tokens.ReadAsync(credential.Text) is { } caller) return Success(caller);
                _isTokenRefused = true;
                return AuthenticateResult.Fail("token refused");
            }

            return await FindAsync(credential.Text) is var (userId, userIsAdmin)
                ? Success(new Caller(userId, userIsAdmin))
                : AuthenticateResult.Fail("unknown key");
        }

        // A read can be repeated. After a restart of the database the first pooled connection that is used fails, and Npgsql drops the others with it.
        private async Task<(long UserId, bool IsAdmin)?> FindAsync(string key)
        {
            try
            {
                return await users.FindAsync(key, Context.RequestAborted);
            }
            catch (Exception exception) when (DatabaseFaults.IsWorthAnotherTry(exception))
            {
                return await users.FindAsync(key, Context.RequestAborted);
            }
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _isTokenRefused
            ? Context.ChallengeAsync(TokenRefused, failures, "Bearer error=\"invalid_token\"")
            : Context.ChallengeAsync(UnknownKey, failures);

        protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => NotAUser.ExecuteAsync(Context);

        private static Problem TokenRefused => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "The access token is not valid, or not any more. Log in again: POST /api/v1/auth/login.");

        private static Problem UnknownKey => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "The key that came is no user's, or not any more. Check it; an administrator can give a new one (POST /api/v1/users/{user_id}/rotate-key).");

        private static Problem NotAUser => new(StatusCodes.Status403Forbidden, "forbidden",
            "This path wants a user's key or access token; the key that came is the service's own, one of Auth__ApiKeys__n.");

        private AuthenticateResult Success(Caller? caller)
        {
            var identity = new ClaimsIdentity(Scheme.Name);
            if (caller is not null) identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, caller.UserId.ToString(CultureInfo.InvariantCulture)));
            if (caller is { IsAdmin: true }) identity.AddClaim(new Claim(ClaimTypes.Role, ApiKeyAuthentication.AdminRole));
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
        }
    }
}

/// <summary>The caller of an endpoint that requires a user.</summary>
/// <param name="UserId">The user's id; 0 for an admin key from the configuration.</param>
/// <param name="IsAdmin">Whether the caller may see the data of all users.</param>
public sealed record Caller(long UserId, bool IsAdmin)
{
    /// <summary>The caller of this request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require a user.</exception>
    public static Caller Of(HttpContext context) =>
        Find(context) ?? throw new InvalidOperationException("This endpoint does not ask for a user: add RequireUser() to its route.");

    /// <summary>The caller of this request; null when its endpoint does not ask for a user.</summary>
    public static Caller? Find(HttpContext context) => context.User.FindFirst(ClaimTypes.NameIdentifier) is { } id
        ? new(long.Parse(id.Value, CultureInfo.InvariantCulture), context.User.IsInRole(ApiKeyAuthentication.AdminRole))
        : null;

    /// <summary>Whether the caller may see this user's data.</summary>
    public bool MaySee(long userId) => IsAdmin || UserId == userId;
}
