using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Portal.Web.FrontDoor;

/// <summary>Which headers pass the door, beyond what YARP does by itself (it drops hop-by-hop headers and sends the service's own Host).</summary>
internal static class ForwardedHeaders
{
    public const string RequestId = "X-Request-ID";

    /// <summary>What only a proxy may say. From outside it is a claim that nobody has checked, so none of it goes on.</summary>
    private static readonly string[] Claims =
        ["Forwarded", "X-Forwarded-Port", "X-Forwarded-Server", "X-Original-For", "X-Original-Host", "X-Original-Proto", "X-Original-URL", "X-Real-IP", "X-Rewrite-URL"];

    public static void Apply(TransformBuilderContext transforms)
    {
        // Set, not append: X-Forwarded-For, -Host, -Proto and -Prefix say what this door saw, whatever the caller sent.
        transforms.AddXForwarded(ForwardedTransformActions.Set);
        foreach (var claim in Claims) transforms.AddRequestHeaderRemove(claim);

        transforms.AddResponseHeaderRemove("Server", ResponseCondition.Always);

        // One request has one id, on both sides of the door and once in the answer: ServiceDefaults has already chosen it.
        transforms.AddRequestTransform(request =>
        {
            request.ProxyRequest.Headers.Remove(RequestId);
            request.ProxyRequest.Headers.TryAddWithoutValidation(RequestId, request.HttpContext.Response.Headers[RequestId].ToString());
            return ValueTask.CompletedTask;
        });
        transforms.AddResponseTransform(response =>
        {
            // Ours stands first, the service's behind it. Without an answer there is nothing to tidy.
            if (response is { ProxyResponse: not null, HttpContext.Response.Headers: var headers }) headers[RequestId] = headers[RequestId][0];
            return ValueTask.CompletedTask;
        });
    }
}
