using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace ServiceDefaults.OpenApi;

/// <summary>
/// Says in the OpenAPI document which credential an operation takes. The header X-API-Key has three schemes: whoever has a service's, a user's and an admin key
/// can enter all of them on /docs, and each request is sent with its own.
/// </summary>
public static class EndpointSecurity
{
    private const string ApiKey = "ApiKey", UserKey = "UserKey", AccessToken = "AccessToken", AdminKey = "AdminKey";

    /// <summary>Marks operations that need one of the service's keys where any is configured, and none otherwise.</summary>
    public static TBuilder MayNeedKey<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.Needs("", ApiKey);

    /// <summary>Marks operations that take one of the service's keys, needed where any is configured, or the token of a portal link.</summary>
    public static TBuilder MayNeedKeyOrToken<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Needs("", ApiKey, AccessToken);

    /// <summary>Marks operations that need a user's key or access token.</summary>
    public static TBuilder NeedsUser<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.Needs(UserKey, AccessToken);

    /// <summary>
    /// Marks operations that need an admin key, or the key or token of a user who is an administrator. Not UserKey: where both keys are entered on /docs, an
    /// ordinary user's would be sent.
    /// </summary>
    public static TBuilder NeedsAdministrator<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.Needs(AdminKey, AccessToken);

    /// <summary>Marks operations that need an admin key.</summary>
    public static TBuilder NeedsAdminKey<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.Needs(AdminKey);

    /// <summary>Adds the schemes that operations name.</summary>
    internal static void Describe(OpenApiDocument api)
    {
        api.Components ??= new OpenApiComponents();
        api.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiKey] = Key("For /v1, /wallets, /charges, /installments and /webhooks: one of the keys that the operator of this system has configured "
                + "(Auth__ApiKeys__n). Where none is, they are open."),
            [UserKey] = Key(
                "For /api/v1: a user's API key (ak_...), which POST /api/v1/users and POST /api/v1/users/{user_id}/rotate-key answer, once."),
            [AdminKey] = Key("For /admin, for adding users and for portal links: one of the operator's admin keys (Auth__AdminKeys__n). It opens all other "
                + "paths too. Users who are administrators add users by their own key."),
            [AccessToken] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "For /api/v1: the access_token that POST /api/v1/auth/login answers. For /webhooks: the token in the URL that POST "
                    + "/webhooks/portal-links answers, which opens one customer's. Any key may be sent so too.",
            },
        };
    }

    private static OpenApiSecurityScheme Key(string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key", Description = description };

    /// <summary>Any one of the schemes; the empty name stands for no credential at all. Said last, it replaces what was said before.</summary>
    private static TBuilder Needs<TBuilder>(this TBuilder endpoint, params string[] schemes) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Security = [.. schemes.Select(scheme => scheme.Length == 0
                ? new OpenApiSecurityRequirement()
                : new() { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] })];
            return Task.CompletedTask;
        });
}
