using ServiceDefaults.Problems;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Web.FrontDoor;

/// <summary>
/// Answers 503 with Retry-After when a service cannot be reached, and names the service by its role. YARP's bare 502 or 504 tells a sender neither
/// whether to repeat the request nor when. A service's own response is not changed.
/// </summary>
internal sealed partial class UpstreamFailures(RequestDelegate next, BackendServices services, ILogger<UpstreamFailures> logger)
{
    private readonly ILogger _logger = logger;

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        if (context.Request.ContentLength > proxy.Route.Config.MaxRequestBodySize)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var requestId = context.Response.Headers[ForwardedHeaders.RequestId];
        await next(context);
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested) return;
        if (context.GetForwarderErrorFeature() is not { } failure)
        {
            // A response without a body is still the service's own. Once it has started, nothing adds a body to it.
            await context.Response.StartAsync();
            return;
        }

        // YARP clears the response when reading the caller's body failed.
        context.Response.Headers[ForwardedHeaders.RequestId] = requestId;

        // 4xx: an error of the caller (a body that is cut off, or too large), which ServiceDefaults describes.
        if (context.Response.StatusCode < StatusCodes.Status500InternalServerError) return;

        var service = services[proxy.Cluster.Config.ClusterId];
        Unreachable(service.Name, failure.Error, failure.Exception);
        await AnswerTo(failure, service, context.Request).ExecuteAsync(context);
    }

    private static Problem AnswerTo(IForwarderErrorFeature failure, BackendService service, HttpRequest request)
    {
        var nothingHappened = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || failure.WasNeverConnected();
        return Problem.Unavailable(nothingHappened
            ? $"The part for {service.Role} cannot be reached at the moment. Nothing was changed; try again shortly."
            : $"The part for {service.Role} did not finish its answer, so it is not known whether the request was carried out. "
                + "Send it again with the same id: it is carried out at most once.");
    }

    [LoggerMessage(300, LogLevel.Warning, "{Service} could not be reached: {Error}")]
    private partial void Unreachable(string service, ForwarderError error, Exception? exception);
}
