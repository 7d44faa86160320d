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

namespace ServiceDefaults.Authentication;

/// <summary>API keys: <c>X-API-Key: KEY</c> or <c>Authorization: Bearer KEY</c>.</summary>
public static class ApiKeyAuthentication
{
    internal const string Scheme = "ApiKey";

    /// <summary>The same keys, asked for by the paths below /admin alone. Always there: what answers a refusal must be.</summary>
    private const string AdminScheme = "AdminKey";

    internal const string AdminRole = "admin";

    /// <summary>Adds the scheme, and refuses to start a service that would be open without anybody having said so.</summary>
    public static WebApplicationBuilder AddApiKeyAuthentication(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuthOptions>()
            .BindConfiguration(AuthOptions.Section)
            .PostConfigure<IHostEnvironment>((auth, environment) => auth.AllowAnonymous ??= environment.IsDevelopment())
            .Validate(auth => auth.ApiKeys.All(ApiKeys.IsWellFormed),
                "Auth__ApiKeys__n: each must be a key of at least 16 characters, or sha256: and the 64 hex digits of the key's SHA-256.")
            .Validate(auth => auth.ApiKeys.Length > 0 || auth.AllowAnonymous == true || auth.ProtectedOtherwise,
                "This service would be open to everybody. Set Auth__ApiKeys__0 to a key that callers must send as X-API-Key, "
                + "or say Auth__AllowAnonymous=true if that is meant.")
            .Validate(auth => auth.AdminKeys.All(ApiKeys.IsWellFormed),
                "Auth__AdminKeys__n: each must be a key of at least 16 characters, or sha256: and the 64 hex digits of the key's SHA-256.")
            .Validate(auth => !ApiKeys.Overlap(auth),
                "Auth__AdminKeys__n: one of them is also one of Auth__ApiKeys__n, which would let everybody in who has that. Give administrators a key of their own.")
            .Validate<IHostEnvironment>((auth, environment) => environment.IsDevelopment() || !auth.AdminKeys.Contains(AuthOptions.DevelopmentAdminKey),
                $"Auth__AdminKeys__n: {AuthOptions.DevelopmentAdminKey} is known to everybody and serves in Development only. Set a key of your own "
                + "(with the AppHost: Parameters__admin_key).")
            .ValidateOnStart();
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddAuthentication(Scheme).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(AdminScheme, configureOptions: null);
        builder.Services.AddAuthorization();
        return builder;
    }

    /// <summary>
    /// Checks credentials. After UseServiceDefaults, which gives a refusal its body. Where no ordinary key is configured there is no default
    /// scheme either: it is otherwise asked on every request, also of endpoints that want no key.
    /// </summary>
    public static WebApplication UseApiKeyAuthentication(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.ApiKeys.Length > 0)
            app.Services.GetRequiredService<IAuthenticationSchemeProvider>().AddScheme(new AuthenticationScheme(Scheme, null, typeof(ApiKeyHandler)));
        app.UseAuthentication();
        app.UseAuthorization();
        return app;
    }

    /// <summary>Asks for a key on these endpoints when one is configured; without one they cost nothing.</summary>
    public static TBuilder RequireApiKey<TBuilder>(this TBuilder endpoints, IServiceProvider services) where TBuilder : IEndpointConventionBuilder =>
        services.GetRequiredService<IOptions<AuthOptions>>().Value.ApiKeys.Length > 0 ? endpoints.RequireAuthorization() : endpoints;

    /// <summary>
    /// Asks for an admin key on these endpoints, always: without any configured they answer 401 and say which setting it is. A key that is
    /// only an ordinary one is answered 403.
    /// </summary>
    public static TBuilder RequireAdminKey<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints
        .RequireAuthorization(policy => policy.AddAuthenticationSchemes(AdminScheme).RequireRole(AdminRole))
        .NeedsKey()
        .Fails(StatusCodes.Status401Unauthorized, "No admin key came, an unknown one did, or none is configured.")
        .Fails(StatusCodes.Status403Forbidden, "The key is an ordinary one.");

    private sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeys keys)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Credential.Of(Request) is not { } credential) return Task.FromResult(AuthenticateResult.NoResult());
            if (!keys.Accepts(credential.Text, out var isAdmin)) return Task.FromResult(AuthenticateResult.Fail("unknown key"));

            var identity = new ClaimsIdentity(isAdmin ? [new Claim(ClaimTypes.Role, AdminRole)] : [], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            Response.Headers.WWWAuthenticate = "Bearer";
            return Scheme.Name == AdminScheme && !keys.HasAdmin ? NoAdminKey.ExecuteAsync(Context) : Task.CompletedTask;
        }

        protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => NotAnAdminKey.ExecuteAsync(Context);

        private static Problem NoAdminKey => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "This path wants an admin key, and none is configured. Set Auth__AdminKeys__0 on this service to a key of at least 16 characters, and send it as X-API-Key.");

        private static Problem NotAnAdminKey => new(StatusCodes.Status403Forbidden, "forbidden",
            "This path wants an admin key, one of Auth__AdminKeys__n; the key that came is an ordinary one.");
    }
}
