using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;

namespace ServiceDefaults.Authentication;

/// <summary>
/// Who may see and change outbound webhooks: the service's keys, as everywhere, and the token of a portal link, <c>Authorization: Bearer TOKEN</c>, which opens
/// one customer's and no other path. <see cref="WebhookCaller.Of"/> returns the caller. Where no key is needed a token that is not valid, or not any more, is
/// refused all the same: whoever comes by a link must not see everything once it has expired.
/// </summary>
public static class WebhookAuthentication
{
    /// <summary>Used only by the endpoints of webhooks.</summary>
    internal const string Scheme = "Webhooks";

    /// <summary>Adds the scheme. After AddApiKeyAuthentication and AddUserAuthentication.</summary>
    public static WebApplicationBuilder AddWebhookAuthentication(this WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, WebhookHandler>(Scheme, configureOptions: null);
        return builder;
    }

    /// <summary>
    /// Requires a key where one is configured, or the token of a portal link. Handlers show and change only what <see cref="WebhookCaller.MaySee"/> allows.
    /// </summary>
    public static TBuilder RequireWebhookAccess<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints
        .RequireAuthorization(policy => policy.AddAuthenticationSchemes(Scheme).RequireAuthenticatedUser())
        .WithMetadata(new OfWebhooks())
        .MayNeedKeyOrToken()
        .Fails(StatusCodes.Status401Unauthorized, "An API key is required here, and none or an unknown one came; or the token is not valid, or not any more.")
        .FailsTooOften();

    /// <summary>The customer whose webhooks the caller may see; null for everybody's.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not ask for it.</exception>
    public static string? WebhookScope(this HttpContext context) => WebhookCaller.Of(context).CustomerId;

    /// <summary>Answers 403 to the token of a portal link on every other path, also on those that need no credential.</summary>
    internal static async Task RefuseElsewhereAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<OfWebhooks>() is null
            && Credential.Of(context.Request) is { IsBearer: true } credential && AccessTokens.IsOne(credential.Text)
            && context.RequestServices.GetService<AccessTokens>() is { } tokens && await tokens.ReadCustomerAsync(credential.Text) is not null)
            await OnlyWebhooks.ExecuteAsync(context);
        else
            await next(context);
    }

    private static Problem OnlyWebhooks => new(StatusCodes.Status403Forbidden, "forbidden",
        "The token is a portal link's: it opens /webhooks for its customer, except /webhooks/portal-links, and no other path.");

    /// <summary>Marks an endpoint that takes the token of a portal link.</summary>
    private sealed class OfWebhooks;

    private sealed class WebhookHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeys keys, AccessTokens tokens,
        AuthFailures? failures = null)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        private bool _isTokenRefused;

        protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var credential = Credential.Of(Request);
            if (credential is { } key && keys.Accepts(key.Text, out var isAdmin)) return Success(new(CustomerId: null, isAdmin));
            if (credential is { IsBearer: true, Text: var token } && AccessTokens.IsOne(token))
            {
                if (await tokens.ReadCustomerAsync(token) is { } customerId) return Success(new(customerId, IsAdmin: false));
                _isTokenRefused = true;
                return AuthenticateResult.Fail("token refused");
            }

            if (keys.AreNotNeeded) return Success(new(CustomerId: null, IsAdmin: false));
            return credential is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail("unknown key");
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _isTokenRefused
            ? Context.ChallengeAsync(TokenRefused, failures, "Bearer error=\"invalid_token\"")
            : Context.ChallengeAsync(UnknownKey, failures);

        private AuthenticateResult Success(WebhookCaller caller) => AuthenticateResult.Success(new AuthenticationTicket(new(caller.ToIdentity()), Scheme.Name));

        private static Problem TokenRefused => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "The token is not valid here, or not any more: it must be one of a portal link. Ask for a new link; POST /webhooks/portal-links makes one.");

        private static Problem UnknownKey => new(StatusCodes.Status401Unauthorized, "unauthorized",
            "The key that came is not known here: it is none of Auth__ApiKeys__n. Check it, and that it is meant for this system.");
    }
}

/// <summary>The caller of an endpoint of webhooks.</summary>
/// <param name="CustomerId">The customer whose webhooks they may see and change; null for everybody's.</param>
/// <param name="IsAdmin">Whether they sent an admin key.</param>
public sealed record WebhookCaller(string? CustomerId, bool IsAdmin)
{
    private const string CustomerClaim = "customer_id";

    /// <summary>The caller of this request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not ask for it.</exception>
    public static WebhookCaller Of(HttpContext context) =>
        Find(context) ?? throw new InvalidOperationException("This endpoint does not ask who calls: add RequireWebhookAccess() to its route.");

    /// <summary>The caller of this request; null when its endpoint does not ask for it.</summary>
    public static WebhookCaller? Find(HttpContext context) =>
        context.User.Identities.FirstOrDefault(identity => identity.AuthenticationType == WebhookAuthentication.Scheme) is { } identity
            ? new(identity.FindFirst(CustomerClaim)?.Value, identity.HasClaim(ClaimTypes.Role, ApiKeyAuthentication.AdminRole))
            : null;

    /// <summary>Whether the caller may see what belongs to this customer, or to nobody.</summary>
    /// <param name="customerId">The customer; null for what is not one customer's.</param>
    public bool MaySee(string? customerId) => CustomerId is null || CustomerId == customerId;

    internal ClaimsIdentity ToIdentity()
    {
        var identity = new ClaimsIdentity(WebhookAuthentication.Scheme);
        if (CustomerId is not null) identity.AddClaim(new(CustomerClaim, CustomerId));
        if (IsAdmin) identity.AddClaim(new(ClaimTypes.Role, ApiKeyAuthentication.AdminRole));
        return identity;
    }
}
