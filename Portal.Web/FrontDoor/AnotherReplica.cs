using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Portal.Web.FrontDoor;

/// <summary>
/// Sends a GET or HEAD once more, to another replica of the service, when the first one could not be reached or hung up before its response began. Reads
/// change nothing, so it does not matter how far the first one came. Without this a replica that was killed cost callers a 503 for each request that went
/// to it until its health was known, though another was well. A write is not repeated: its body is gone, and it may have been carried out.
/// </summary>
internal sealed partial class AnotherReplica(RequestDelegate next, ILogger<AnotherReplica> logger)
{
    private readonly ILogger _logger = logger;

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || !MayBeRepeated(context, failure)) return;
        var proxy = context.GetReverseProxyFeature();
        if (Others(proxy) is not { Count: > 0 } others) return;

        Repeated(proxy.Cluster.Config.ClusterId, failure.Error, failure.Exception);
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.StatusCode = StatusCodes.Status200OK;
        proxy.AvailableDestinations = others;
        await next(context);
    }

    private static bool MayBeRepeated(HttpContext context, IForwarderErrorFeature failure) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && (failure.WasNeverConnected() || failure is { Error: ForwarderError.Request, Exception: HttpRequestException });

    /// <summary>The other replicas that are thought to be well; if there are none, all others: one may have come back.</summary>
    private static List<DestinationState> Others(IReverseProxyFeature proxy)
    {
        List<DestinationState> all = [.. proxy.AllDestinations.Where(replica => replica != proxy.ProxiedDestination)];
        List<DestinationState> well = [.. all.Where(replica => replica.Health.Passive != DestinationHealth.Unhealthy)];
        return well.Count > 0 ? well : all;
    }

    [LoggerMessage(301, LogLevel.Warning, "A replica of {Service} could not be reached ({Error}); the read goes to another one")]
    private partial void Repeated(string service, ForwarderError error, Exception? exception);
}

/// <summary>What a failure of YARP says about the connection.</summary>
internal static class ForwarderFailures
{
    /// <summary>Whether the service has seen nothing of the request, because there was no connection to it.</summary>
    public static bool WasNeverConnected(this IForwarderErrorFeature failure) => failure.Error == ForwarderError.NoAvailableDestinations
        || failure.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            or OperationCanceledException { InnerException: TimeoutException }; // The handler's ConnectTimeout.
}
