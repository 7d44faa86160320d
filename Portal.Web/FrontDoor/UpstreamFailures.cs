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

        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted) return;
        if (context.RequestAborted.IsCancellationRequested || context.Response.StatusCode < StatusCodes.Status500InternalServerError) return;

        var service = services[context.GetReverseProxyFeature().Cluster.Config.ClusterId];
        Unreachable(service.Name, failure.Error, failure.Exception);
        context.Response.Headers.Remove("Content-Length");
        await AnswerTo(failure.Error, service, context.Request).ExecuteAsync(context);
    }

    private static Problem AnswerTo(ForwarderError error, BackendService service, HttpRequest request)
    {
        // It was never connected to, or only read from: nothing can have happened.
        var nothingHappened = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            || error is ForwarderError.NoAvailableDestinations or ForwarderError.Request;
        return Problem.Unavailable(nothingHappened
            ? $"The part for {service.Role} cannot be reached at the moment. Nothing was changed; try again shortly."
            : $"The part for {service.Role} did not finish its answer, so it is not known whether the request was carried out. "
                + "Send it again with the same id: it is carried out at most once.");
    }

    [LoggerMessage(300, LogLevel.Warning, "{Service} could not be reached: {Error}")]
    private partial void Unreachable(string service, ForwarderError error, Exception? exception);
}
