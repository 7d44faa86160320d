using ServiceDefaults.RateLimits;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Portal.Web.FrontDoor;

/// <summary>Which headers are forwarded, beyond YARP's own rules (it drops hop-by-hop headers and sends the service's own Host).</summary>
internal static class ForwardedHeaders
{
    public const string RequestId = "X-Request-ID";

    /// <summary>Headers that only a proxy may set. From outside they are unverified, so none is forwarded.</summary>
    private static readonly string[] Claims =
    [
        "Forwarded", "X-Forwarded-Port", "X-Forwarded-Server", "X-Original-For", "X-Original-Host",
        "X-Original-Proto", "X-Original-URL", "X-Real-IP", "X-Rewrite-URL",

        // What the portal's own pages send to the services: whoever has it is not counted with the others.
        PortalRequests.Header,
    ];

    public static void Apply(TransformBuilderContext transforms)
    {
        // Set, not append: X-Forwarded-For, -Host, -Proto and -Prefix say what the front door saw, whatever the caller sent. Behind known proxies
        // (UseKnownProxies) what it saw is the client's address that they report.
        transforms.AddXForwarded(ForwardedTransformActions.Set);
        foreach (var claim in Claims) transforms.AddRequestHeaderRemove(claim);

        transforms.AddResponseHeaderRemove("Server", ResponseCondition.Always);

        // A request has one id on both sides of the front door and once in the response; ServiceDefaults has chosen it.
        transforms.AddRequestTransform(request =>
        {
            request.ProxyRequest.Headers.Remove(RequestId);
            request.ProxyRequest.Headers.TryAddWithoutValidation(RequestId, request.HttpContext.Response.Headers[RequestId].ToString());
            return ValueTask.CompletedTask;
        });
        transforms.AddResponseTransform(response =>
        {
            // The front door's value is the first, the service's the second. Without a response there is nothing to change.
            if (response is { ProxyResponse: not null, HttpContext.Response.Headers: var headers }) headers[RequestId] = headers[RequestId][0];
            return ValueTask.CompletedTask;
        });
    }
}
