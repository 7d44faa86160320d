using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Authentication;

/// <summary>API keys: <c>X-API-Key: KEY</c> or <c>Authorization: Bearer KEY</c>.</summary>
public static class ApiKeyAuthentication
{
    internal const string Scheme = "ApiKey";

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
            .ValidateOnStart();
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddAuthentication(Scheme);
        builder.Services.AddTransient<ApiKeyHandler>();
        builder.Services.AddAuthorization();
        return builder;
    }

    /// <summary>
    /// Checks credentials. After UseServiceDefaults, which gives a refusal its body. Where no key is configured there is no scheme either:
    /// the default one is otherwise asked on every request, also of endpoints that want no key.
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

    private sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeys keys)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        private const string Bearer = "Bearer ";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Credential() is not { } credential) return Task.FromResult(AuthenticateResult.NoResult());
            if (!keys.Accepts(credential)) return Task.FromResult(AuthenticateResult.Fail("unknown key"));

            var identity = new ClaimsIdentity(Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            Response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        }

        // A header that comes twice is no credential: two proxies that pick different ones would disagree on who is calling.
        private string? Credential() => (Request.Headers["X-API-Key"], Request.Headers.Authorization) switch
        {
            ([{ Length: > 0 } key], _) => key,
            ([], [{ } value]) when value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) => value[Bearer.Length..].Trim(),
            _ => null,
        };
    }
}
