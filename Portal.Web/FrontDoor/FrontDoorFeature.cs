using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace Portal.Web.FrontDoor;

/// <summary>
/// YARP, configured by <see cref="Routes"/>. It streams the bodies that <see cref="BufferedBodies"/> does not buffer, frames every request anew (so
/// that no two parties can disagree on where one ends), drops hop-by-hop headers and passes traceparent on.
/// </summary>
internal static class FrontDoorFeature
{
    /// <summary>The largest body of any path of the API (docs/api.md); each service's own limit may be lower.</summary>
    internal const long MaxBodyBytes = 64 * 1024;

    /// <summary>The largest webhook (docs/api.md).</summary>
    internal const int MaxWebhookBytes = 16 * 1024;

    /// <summary>A request is given up after this time without traffic. Above the 10 s that a service's statement may take (Data's WebhooksDatabase).</summary>
    private static readonly TimeSpan ActivityTimeout = TimeSpan.FromSeconds(15);

    /// <summary>The same for the sandbox, whose inbox may be asked to wait for 30 s.</summary>
    private static readonly TimeSpan SandboxTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The largest body for the sandbox: what its inbox takes. It is there in Development only.</summary>
    private const long MaxSandboxBytes = 1024 * 1024;

    public static WebApplicationBuilder AddFrontDoor(this WebApplicationBuilder builder)
    {
        var services = BackendServices.From(builder.Configuration, builder.Environment.IsDevelopment());
        builder.Services.AddSingleton(services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddSingleton<IForwarderHttpClientFactory, BufferedBodies>();
        builder.Services.AddSingleton<IPassiveHealthCheckPolicy, ReplicaHealth>();
        builder.Services.AddReverseProxy()
            .LoadFromMemory(
                [.. Routes.Table.Select(RouteOf), .. RoutesOf(services.Sandbox)],
                [.. services.All.Select(service => ClusterOf(service, ActivityTimeout)), .. ClustersOf(services.Sandbox)])
            .AddTransforms(ForwardedHeaders.Apply);
        return builder;
    }

    public static WebApplication MapFrontDoor(this WebApplication app)
    {
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<UpstreamFailures>();
            proxy.UseMiddleware<AnotherReplica>();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
        return app;
    }

    private static RouteConfig RouteOf(Route route) => new()
    {
        RouteId = $"{string.Join('|', route.Methods)} {route.Path}",
        ClusterId = route.Service,
        Match = new() { Path = route.Pattern ?? route.Path, Methods = route.Methods },
        MaxRequestBodySize = route.MaxBodyBytes,
    };

    private static IEnumerable<RouteConfig> RoutesOf(BackendService? sandbox) => sandbox is null
        ? []
        :
        [
            new()
            {
                RouteId = sandbox.Name,
                ClusterId = sandbox.Name,
                Match = new() { Path = BackendServices.SandboxPath },
                MaxRequestBodySize = MaxSandboxBytes,
            },
        ];

    private static IEnumerable<ClusterConfig> ClustersOf(BackendService? sandbox) => sandbox is null ? [] : [ClusterOf(sandbox, SandboxTimeout)];

    private static ClusterConfig ClusterOf(BackendService service, TimeSpan timeout) => new()
    {
        ClusterId = service.Name,
        Destinations = service.Addresses.Index().ToDictionary(a => $"{a.Index}", a => new DestinationConfig { Address = a.Item.ToString() }),
        HttpRequest = new() { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = timeout },

        // Header values are bytes, as in ServiceDefaults' RequestLimits.
        HttpClient = new() { RequestHeaderEncoding = Encoding.Latin1.WebName, ResponseHeaderEncoding = Encoding.Latin1.WebName },
        HealthCheck = new()
        {
            // A replica that cannot be reached gets no requests for a while. When none can be reached, all are tried, so that one that returns is used at once.
            Passive = new() { Enabled = true, Policy = ReplicaHealth.PolicyName },
            AvailableDestinationsPolicy = "HealthyOrPanic",
        },
    };
}

/// <summary>
/// Connects to the services. A small body of known length is sent in one piece with its headers: YARP alone sends the headers first and the body
/// after, and Ingest.Api then woke twice per webhook: 130-144 us of processor instead of 108-125 (docs/performance.md). A slow sender also holds no
/// connection to a service. All other bodies are streamed.
/// </summary>
internal sealed class BufferedBodies : ForwarderHttpClientFactory
{
    private const int MaxBytes = FrontDoorFeature.MaxWebhookBytes;

    /// <summary>
    /// Within one machine or cluster a connection takes milliseconds. The kernel repeats a lost one after 1 s and 3 s, and a thousand at once on a busy
    /// machine took more than 2 s: with a limit of 2 s some were refused (4 in one run) that would have succeeded.
    /// </summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where one address stands for several replicas (a Service of Kubernetes), a connection stays with the replica that it was made to: one that is added gets
    /// its share within this time.
    /// </summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    /// <summary>Whether a request's body is passed on while it arrives.</summary>
    public static bool IsStreamed(HttpRequest request) =>
        request.ContentLength is not <= MaxBytes && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = ConnectTimeout;
        handler.PooledConnectionLifetime = ConnectionLifetime;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new Buffering(base.WrapHandler(context, handler));

    private sealed class Buffering(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { Headers.ContentLength: <= MaxBytes } body) await body.LoadIntoBufferAsync(MaxBytes, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
