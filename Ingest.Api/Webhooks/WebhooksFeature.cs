using System.Net;
using System.Text.Json.Serialization;
using Contracts;
using Data;
using Data.Webhooks;
using Ingest.Api.Database;
using Microsoft.Extensions.Options;
using ServiceDefaults.Authentication;
using ServiceDefaults.Outbound;

namespace Ingest.Api.Webhooks;

/// <summary>Outbound webhooks. Section <c>Webhooks</c>.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>How long the secret before a rotation signs too.</summary>
    public TimeSpan RotationOverlap { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The public base URL of the portal, for portal links; null for that of the request. Behind a proxy that ends TLS it has to be said.</summary>
    public string? PortalUrl { get; set; }

    /// <summary>Whether <see cref="PortalUrl"/> can be the beginning of a link.</summary>
    public bool HasGoodPortalUrl => PortalUrl is null
        || (Uri.TryCreate(PortalUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo == "" && !PortalUrl.Any(IsEnd));

    // A query or a fragment; more would be put behind it.
    private static bool IsEnd(char character) => character is '?' or '#' || char.IsWhiteSpace(character);
}

/// <summary>Outbound webhooks: their endpoints, tests, replays and retries: routes, services and JSON.</summary>
internal static class WebhooksFeature
{
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section)
            .Validate(o => o.RotationOverlap >= TimeSpan.Zero && o.RotationOverlap <= TimeSpan.FromDays(30),
                "Webhooks__RotationOverlap must be between 00:00:00 and 30.00:00:00, such as 1.00:00:00.")
            .Validate(o => o.HasGoodPortalUrl, "Webhooks__PortalUrl must be an http or https base URL without a query, such as https://pay.example.")
            .ValidateOnStart();
        builder.Services.AddOptions<ConfiguredEndpointsOptions>()
            .Configure<IConfiguration>((endpoints, configuration) =>
                endpoints.Urls = ConfiguredEndpointsOptions.Read(configuration[ConfiguredEndpointsOptions.Setting]))
            .Validate<IOptions<OutboundOptions>>((o, outbound) => o.AreAllowed(outbound.Value),
                $"{ConfiguredEndpointsOptions.Setting}: each of its URLs, separated by commas, must be one that an endpoint may have: an absolute https "
                + "address, such as https://shop.example/webhooks, without white space, user name, password and fragment, and not in a private network. "
                + "Webhooks__AllowHttp, Webhooks__AllowLoopback and Webhooks__AllowedNetworks__n allow more.")
            .ValidateOnStart();
        builder.AddOutboundOptions();
        builder.Services.AddSingleton(services => new EndpointUrl(
            services.GetRequiredService<IOptions<OutboundOptions>>(), Dns.GetHostAddressesAsync, services.GetRequiredService<TimeProvider>()));
        builder.AddWebhooksContext();
        builder.AddEndpointSecrets(isMaker: true);
        builder.AddWebhookAuthentication();
        builder.Services.AddHostedService<ConfiguredEndpoints>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WebhooksJson.Wire));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, EndpointJson.Wire));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, DeliveryJson.Wire));
    }

    public static void MapWebhooks(this WebApplication app)
    {
        var group = app.MapGroup("/webhooks").WithTags("Webhooks").RequireWebhookAccess().TriesTwice();
        group.MapCreateEndpoint();
        group.MapChangeEndpoint();
        group.MapDeleteEndpoint();
        group.MapRotateSecret();
        group.MapTestEndpoint();
        group.MapReplayEvents();
        group.MapRetryDelivery();
        group.MapRetryDeliveries();
        app.MapGroup("/webhooks/portal-links").WithTags("Webhooks").RequireAdminKey().MapPortalLinks();
    }
}

/// <summary>Source-generated JSON of bodies and answers; snake_case.</summary>
[JsonSerializable(typeof(EndpointBody))]
[JsonSerializable(typeof(EndpointChangeBody))]
[JsonSerializable(typeof(NewEndpointReply))]
[JsonSerializable(typeof(RotatedSecretReply))]
[JsonSerializable(typeof(TestBody))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(ReplayReply))]
[JsonSerializable(typeof(RetryBody))]
[JsonSerializable(typeof(RetryReply))]
[JsonSerializable(typeof(PortalLinkBody))]
[JsonSerializable(typeof(PortalLinkReply))]
internal sealed partial class WebhooksJson : JsonSerializerContext
{
    /// <summary>With the options that every body is written with.</summary>
    public static WebhooksJson Wire { get; } = new(WireJson.Options());
}
