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

/// <summary>API keys: <c>X-API-Key: KEY</c> or <c>Authorization: Bearer KEY</c>.</summary>
public static class ApiKeyAuthentication
{
    internal const string Scheme = "ApiKey";

    /// <summary>The same keys, for the paths below /admin. Always registered, because it writes the refusal.</summary>
    private const string AdminScheme = "AdminKey";

    internal const string AdminRole = "admin";

    /// <summary>Adds the scheme. A service that would be open although no setting says so does not start.</summary>
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
                "Auth__AdminKeys__n: one of them is also one of Auth__ApiKeys__n, which would let everybody in who has that. "
                + "Give administrators a key of their own.")
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
    /// Checks credentials. After UseServiceDefaults, which gives a refusal its body. Without ordinary keys there is no default scheme, which would
    /// run on every request, including those to endpoints that need no key.
    /// </summary>
    public static WebApplication UseApiKeyAuthentication(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.ApiKeys.Length > 0)
            app.Services.GetRequiredService<IAuthenticationSchemeProvider>().AddScheme(new AuthenticationScheme(Scheme, null, typeof(ApiKeyHandler)));
        app.UseAuthentication();
        app.Use(WebhookAuthentication.RefuseElsewhereAsync);
        app.UseAuthorization();
        return app;
    }

    /// <summary>
    /// Requires a key on these endpoints, unless a setting says that they are open to everybody. Where none is configured, since another check protects other
    /// endpoints of the service, an administrator's key alone opens these.
    /// </summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="services">The service's.</param>
    /// <param name="areProtectedOtherwise">
    /// Whether they check another credential themselves, which is enough: <see cref="AuthOptions.ProtectedOtherwise"/>.
    /// </param>
    public static TBuilder RequireApiKey<TBuilder>(this TBuilder endpoints, IServiceProvider services, bool areProtectedOtherwise = false)
        where TBuilder : IEndpointConventionBuilder
    {
        var auth = services.GetRequiredService<IOptions<AuthOptions>>().Value;
        if (auth.ApiKeys.Length > 0) endpoints.RequireAuthorization();
        else if (!auth.LetsInWithoutKey(areProtectedOtherwise))
            endpoints.RequireAuthorization(policy => policy.AddAuthenticationSchemes(AdminScheme).RequireRole(AdminRole));
        return endpoints.FailsTooOften();
    }

    /// <summary>
    /// Tells by its headers alone whether a request may enter an endpoint of <see cref="RequireApiKey"/>: it came with a key that is known, or without one
    /// where none is needed. What this does not let in goes through the pipeline, which may let it in all the same, and else refuses it.
    /// </summary>
    /// <param name="services">The service's.</param>
    /// <param name="areProtectedOtherwise">As in <see cref="RequireApiKey"/>.</param>
    internal static Func<HttpRequest, bool> IsLetInByKey(IServiceProvider services, bool areProtectedOtherwise)
    {
        var (auth, keys) = (services.GetRequiredService<IOptions<AuthOptions>>().Value, services.GetRequiredService<ApiKeys>());
        if (auth.ApiKeys.Length > 0) return request => Credential.Of(request) is { } credential && keys.Accepts(credential.Text, out _);
        var isOpen = auth.LetsInWithoutKey(areProtectedOtherwise);
        return request => isOpen && Credential.Of(request) is null;
    }

    internal static TBuilder FailsTooOften<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.Fails(
        StatusCodes.Status429TooManyRequests, "Too many requests without a valid credential from this address; try again after Retry-After seconds.");

    /// <summary>
    /// Requires an admin key on these endpoints. When none is configured, the 401 names the setting. An ordinary key and a user's key or token are answered
    /// with 403.
    /// </summary>
    public static TBuilder RequireAdminKey<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints
        .RequireAuthorization(policy => policy.AddAuthenticationSchemes(AdminScheme).RequireRole(AdminRole))
        .NeedsAdminKey()
        .Fails(StatusCodes.Status401Unauthorized, "No admin key came, an unknown one did, or none is configured.")
        .Fails(StatusCodes.Status403Forbidden, "The credential is valid but no admin key: an ordinary key, or a user's.")
        .FailsTooOften();

    private sealed class ApiKeyHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
        ApiKeys keys, IAuthenticationSchemeProvider schemes, AuthFailures? failures = null)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        private bool IsAdminScheme => Scheme.Name == AdminScheme;

        protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Credential.Of(Request) is not { } credential || (IsAdminScheme && !keys.HasAdmin)) return AuthenticateResult.NoResult();
            if (keys.Accepts(credential.Text, out var isAdmin)) return Success(isAdmin ? [new Claim(ClaimTypes.Role, AdminRole)] : []);

            // A user's credential is valid and not enough: 403, an administrator's too. The other paths look for no user (docs/architecture.md).
            return IsAdminScheme && await IsOfUserAsync() ? Success([]) : AuthenticateResult.Fail("unknown key");
        }

        private async Task<bool> IsOfUserAsync() =>
            await schemes.GetSchemeAsync(UserAuthentication.Scheme) is not null && (await Context.AuthenticateAsync(UserAuthentication.Scheme)).Succeeded;

        private AuthenticateResult Success(Claim[] claims) =>
            AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), Scheme.Name));

        protected override Task HandleChallengeAsync(AuthenticationProperties properties) => IsAdminScheme && !keys.HasAdmin
            ? NoAdminKey.ChallengeAsync(Context)
            : Context.ChallengeAsync(IsAdminScheme ? UnknownToAdmin : UnknownKey, failures);

        protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => NotAnAdminKey.ExecuteAsync(Context);

        private static Problem NoAdminKey => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "This path wants an admin key, and none is configured. Set Auth__AdminKeys__0 on this service to a key of at least 16 characters, and send it as "
            + "X-API-Key.");

        private static Problem UnknownToAdmin => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "The credential that came is not known here. This path wants an admin key, one of Auth__AdminKeys__n; check it.");

        private static Problem UnknownKey => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "The key that came is not known here: it is none of Auth__ApiKeys__n. Check it, and that it is meant for this system.");

        private static Problem NotAnAdminKey => new(StatusCodes.Status403Forbidden, "forbidden",
            "This path wants an admin key, one of Auth__AdminKeys__n. The credential that came is valid but is none: an ordinary key, or a user's, be they an "
            + "administrator or not.");
    }
}
