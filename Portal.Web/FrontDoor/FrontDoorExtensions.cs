using System.Net;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Web.FrontDoor;

/// <summary>
/// YARP, told by <see cref="Routes"/>. It streams what <see cref="WholeBodies"/> does not gather, frames every request anew (so no two parties can disagree on where one ends),
/// drops hop-by-hop headers and passes traceparent on.
/// </summary>
internal static class FrontDoorExtensions
{
    /// <summary>The largest body any path takes (API.md); each service's own limit may be lower.</summary>
    internal const long MaxBodyBytes = 64 * 1024;

    /// <summary>Nothing sent or received for so long: given up. Above the 10 s that Query.Api gives its database.</summary>
    private static readonly TimeSpan ActivityTimeout = TimeSpan.FromSeconds(15);

    public static WebApplicationBuilder AddFrontDoor(this WebApplicationBuilder builder)
    {
        var services = BackendServices.From(builder.Configuration);
        builder.Services.AddSingleton(services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddSingleton<IForwarderHttpClientFactory, WholeBodies>();
        builder.Services.AddReverseProxy()
            .LoadFromMemory([.. Routes.Table.Select(RouteOf)], [.. services.All.Select(ClusterOf)])
            .AddTransforms(ForwardedHeaders.Apply);
        return builder;
    }

    public static WebApplication MapFrontDoor(this WebApplication app)
    {
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<UpstreamFailures>();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        return app;
    }

    private static RouteConfig RouteOf(Route route) => new()
    {
        RouteId = $"{string.Join('|', route.Methods)} {route.Path}",
        ClusterId = route.Service,
        Match = new() { Path = route.Path, Methods = route.Methods },
    };

    private static ClusterConfig ClusterOf(BackendService service) => new()
    {
        ClusterId = service.Name,
        Destinations = service.Addresses.Index().ToDictionary(a => $"{a.Index}", a => new DestinationConfig { Address = a.Item.ToString() }),
        HttpRequest = new() { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = ActivityTimeout },
        HealthCheck = new()
        {
            // A replica that cannot be reached is passed over for a while; when none can be, all are tried, so that one that comes back is used at once.
            Passive = new() { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromSeconds(5) },
            AvailableDestinationsPolicy = "HealthyOrPanic",
        },
    };
}
