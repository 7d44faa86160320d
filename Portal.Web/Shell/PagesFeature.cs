using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Web.Api;
using Portal.Web.Live;
using Portal.Web.Operator;
using Portal.Web.Operator.DeadLetters;
using Portal.Web.Payer;
using Portal.Web.Sessions;
using Portal.Web.Webhooks;
using Radzen;
using ServiceDefaults.RateLimits;

namespace Portal.Web.Shell;

/// <summary>The pages: Blazor, static where nothing moves, with a circuit where rows are live.</summary>
internal static class PagesFeature
{
    /// <summary>Longer than the front door waits for a service, which then says what happened.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    /// <summary>What a page sends to its circuit is a filter or a form; a circuit takes no more at once.</summary>
    private const int MaxMessageBytes = 64 * 1024;

    /// <summary>The first segments of paths that are pages, or parts of them.</summary>
    private static readonly string[] Roots = ["/account", "/login", "/admin", "/consumer", "/_blazor", "/_framework", "/_content"];

    /// <summary>Whether the request is for a page or one of its parts, and not for the API.</summary>
    public static bool IsPage(this HttpContext context) => Array.Exists(Roots, root => context.Request.Path.StartsWithSegments(root));

    public static WebApplicationBuilder AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section)
            .Validate(portal => portal.Key is null or { Length: >= 16 },
                "Portal__Key must be at least 16 characters, the same as RateLimits__PortalKey of Ingest.Api and Query.Api.")
            .Validate<IHostEnvironment>((portal, environment) => environment.IsDevelopment() || portal.Key != RateLimitOptions.DevelopmentPortalKey,
                $"Portal__Key: {RateLimitOptions.DevelopmentPortalKey} is known to everybody and serves in Development only. Set a key of your own, the same "
                + "as RateLimits__PortalKey of Ingest.Api and Query.Api.")
            .Validate(portal => portal.LiveInterval >= TimeSpan.FromMilliseconds(100) && portal.LiveInterval <= TimeSpan.FromMinutes(1),
                "Portal__LiveInterval must be between 00:00:00.100 and 00:01:00, such as 00:00:02.")
            .Validate(portal => portal.OperatorSession >= TimeSpan.FromMinutes(1) && portal.OperatorSession <= TimeSpan.FromDays(7),
                "Portal__OperatorSession must be between 00:01:00 and 7.00:00:00, such as 08:00:00.")
            .Validate(portal => IsNoneOrUrl(portal.DashboardUrl), "Portal__DashboardUrl must be a URL such as http://localhost:15000, or not be set.")
            .Validate(portal => portal.TraceUrl is null || (IsNoneOrUrl(portal.TraceUrl) && portal.TraceUrl.Contains("{trace_id}", StringComparison.Ordinal)),
                "Portal__TraceUrl must be a URL with {trace_id} in it, such as http://localhost:15000/traces/detail/{trace_id}, or not be set.")
            .ValidateOnStart();

        // In Development MapStaticAssets would add a fallback for files that are new since the build, which matches every path: a method that a path does
        // not have was then 404 instead of 405.
        builder.Configuration["ReloadStaticAssetsAtRuntime"] ??= "false";
        builder.AddSessions();
        builder.Services.AddHttpClient(ApiClient.HttpName, client => (client.BaseAddress, client.Timeout) = (ServiceRouting.Placeholder, CallTimeout))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
            .AddHttpMessageHandler<ServiceRouting>();
        builder.Services.AddTransient<ServiceRouting>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, PagesBesideApi>());
        builder.Services.AddSingleton<ApiClient>();
        builder.Services.AddSingleton<LiveTopics>();
        builder.Services.AddScoped<PortalApi>();
        builder.Services.AddScoped<DeadLettersApi>();
        builder.Services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "aspirewebhooks-form");
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents()
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);
        builder.Services.AddRadzenComponents();
        return builder;
    }

    /// <summary>Headers, sessions and access of the pages. Requests of the API go past what is said for pages alone.</summary>
    public static WebApplication UsePages(this WebApplication app)
    {
        app.UseWhen(IsPage, pages =>
        {
            pages.Use(PageHeaders.AddAsync);
            pages.Use(ConsumerLink.TakeAsync);
            pages.Use(MissingPages.ShowAsync);
            pages.Use(AllAreas.JoinAsync);
        });
        app.UseAuthorization();
        app.UseAntiforgery();
        return app;
    }

    public static WebApplication MapPages(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapLogOut();
        app.MapHistoryCsv();
        app.MapOperatorFiles();
        app.MapDeliveriesCsv();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    private static bool IsNoneOrUrl(string? text) => text is null || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https");
}
