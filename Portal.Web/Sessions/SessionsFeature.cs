using Data;
using Data.Webhooks;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Portal.Web.Api;

namespace Portal.Web.Sessions;

/// <summary>
/// Log-ins. Each area has a cookie of its own: HttpOnly, SameSite=Lax, Secure outside Development, encrypted by Data Protection with the keys that all
/// instances share in the database. Without a database (<c>ConnectionStrings__webhooks</c>) the keys are in memory, and a restart ends all sessions.
/// </summary>
internal static class SessionsFeature
{
    /// <summary>The authentication scheme and policy of an area.</summary>
    public static string SchemeOf(Area area) => area switch
    {
        Area.Payer => Policies.Payer,
        Area.Operator => Policies.Operator,
        _ => Policies.Consumer,
    };

    public static WebApplicationBuilder AddSessions(this WebApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        var authentication = builder.Services.AddAuthentication();
        foreach (var area in Enum.GetValues<Area>()) authentication.AddCookie(SchemeOf(area), cookie => Configure(cookie, area, isDevelopment));
        var operatorSession = builder.Configuration.GetValue($"{PortalOptions.Section}:{nameof(PortalOptions.OperatorSession)}", TimeSpan.FromHours(8));
        builder.Services.Configure<CookieAuthenticationOptions>(Policies.Operator, cookie => cookie.ExpireTimeSpan = operatorSession);
        var authorization = builder.Services.AddAuthorizationBuilder();
        foreach (var area in Enum.GetValues<Area>())
            authorization.AddPolicy(SchemeOf(area), policy => policy.AddAuthenticationSchemes(SchemeOf(area)).RequireAuthenticatedUser());
        builder.Services.AddCascadingAuthenticationState();
        builder.AddKeys();
        return builder;
    }

    private static void Configure(CookieAuthenticationOptions cookie, Area area, bool isDevelopment)
    {
        cookie.Cookie.Name = $"aspirewebhooks-{SchemeOf(area)}";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = isDevelopment ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        cookie.LoginPath = area switch { Area.Payer => "/login", Area.Operator => "/admin/login", _ => "/consumer/link" };
        cookie.AccessDeniedPath = cookie.LoginPath;
        cookie.ReturnUrlParameter = "return";
    }

    private static void AddKeys(this WebApplicationBuilder builder)
    {
        if (!string.IsNullOrEmpty(builder.Configuration.GetConnectionString("webhooks")))
        {
            // Keys are read once a day and written every three months: two connections are more than enough.
            // The front door serves while the database is away, so its health is not the portal's.
            builder.Configuration["Aspire:Npgsql:DisableHealthChecks"] = "true";
            builder.AddWebhooksDatabase(source => source.ConnectionStringBuilder.MaxPoolSize = 2);
            builder.AddWebhooksContext();
            builder.AddEndpointSecrets(isMaker: true);
            return;
        }

        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
    }
}

/// <summary>The names of the areas' policies, for <c>[Authorize]</c>.</summary>
internal static class Policies
{
    public const string Payer = "payer";
    public const string Operator = "operator";
    public const string Consumer = "consumer";
}
