using Microsoft.Extensions.Options;

namespace Portal.Web.Cors;

/// <summary>The web pages that may call from a browser. Section <c>Cors</c>.</summary>
internal sealed class CorsSettings
{
    public const string Section = "Cors";

    /// <summary>Origins such as <c>https://app.example.com</c>. Without any, all are allowed in Development and none elsewhere.</summary>
    public string[] Origins { get; set; } = [];

    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && text == uri.GetLeftPart(UriPartial.Authority);
}

/// <summary>CORS, at the front door only: browsers never call the services behind it. Its headers are on errors too, so that a page can read them.</summary>
internal static class CorsFeature
{
    private const string Policy = "front-door";

    /// <summary>How long browsers keep a preflight's result; Chromium keeps it for two hours at most.</summary>
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    private static readonly string[] ReadableHeaders =
        ["X-Request-ID", "Retry-After", "Location", "Link", "Idempotency-Replayed", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

    public static WebApplicationBuilder AddCrossOrigin(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CorsSettings>()
            .BindConfiguration(CorsSettings.Section)
            .Validate(cors => cors.Origins.All(CorsSettings.IsOrigin),
                "Cors__Origins__n: each must be an origin as a browser sends it: scheme, host and, if not the usual one, port; "
                + "https://app.example.com, without a path or a slash at the end.")
            .ValidateOnStart();
        builder.Services.AddCors();
        builder.Services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>()
            .Configure<IOptions<CorsSettings>, IHostEnvironment>((cors, settings, environment) => cors.AddPolicy(Policy, policy =>
            {
                policy.AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(ReadableHeaders).SetPreflightMaxAge(PreflightMaxAge);
                if (settings.Value.Origins is { Length: > 0 } origins) policy.WithOrigins(origins);
                else if (environment.IsDevelopment()) policy.AllowAnyOrigin();
            }));
        return builder;
    }

    public static void UseCrossOrigin(this WebApplication app) => app.UseCors(Policy);
}
