using ServiceDefaults.Problems;
using Yarp.ReverseProxy.Forwarder;

namespace Portal.Web.FrontDoor;

/// <summary>
/// Says what it means when a service behind the door cannot be reached: 503 with Retry-After, naming the part by its role.
/// YARP leaves a bare 502 or 504, which tells a sender neither whether to try again nor when. What a service answered itself is left alone.
/// </summary>
internal sealed partial class UpstreamFailures(RequestDelegate next, BackendServices services, ILogger<UpstreamFailures> logger)
{
    private readonly ILogger _logger = logger;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > FrontDoorExtensions.MaxBodyBytes)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var requestId = context.Response.Headers[ForwardedHeaders.RequestId];
        await next(context);
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested) return;
        if (context.GetForwarderErrorFeature() is not { } failure)
        {
            // An answer without a body is still the service's own; once it has begun, nothing adds a body to it.
            await context.Response.StartAsync();
            return;
        }

        // YARP clears the answer when it was the caller's body that failed.
        context.Response.Headers[ForwardedHeaders.RequestId] = requestId;

        // 4xx: the caller's own fault (a body that breaks off, or is too large), which ServiceDefaults puts into words.
        if (context.Response.StatusCode < StatusCodes.Status500InternalServerError) return;

        var service = services[context.GetReverseProxyFeature().Cluster.Config.ClusterId];
        Unreachable(service.Name, failure.Error, failure.Exception);
        await AnswerTo(failure, service, context.Request).ExecuteAsync(context);
    }

    private static Problem AnswerTo(IForwarderErrorFeature failure, BackendService service, HttpRequest request)
    {
        var nothingHappened = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || WasNeverConnected(failure);
        return Problem.Unavailable(nothingHappened
            ? $"The part for {service.Role} cannot be reached at the moment. Nothing was changed; try again shortly."
            : $"The part for {service.Role} did not finish its answer, so it is not known whether the request was carried out. "
                + "Send it again with the same id: it is carried out at most once.");
    }

    private static bool WasNeverConnected(IForwarderErrorFeature failure) => failure.Error == ForwarderError.NoAvailableDestinations
        || failure.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            or OperationCanceledException { InnerException: TimeoutException }; // The handler's word for its ConnectTimeout.

    [LoggerMessage(300, LogLevel.Warning, "{Service} could not be reached: {Error}")]
    private partial void Unreachable(string service, ForwarderError error, Exception? exception);
}
