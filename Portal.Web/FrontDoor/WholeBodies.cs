using Yarp.ReverseProxy.Forwarder;

namespace Portal.Web.FrontDoor;

/// <summary>
/// The connections to the services behind the door. A small body whose length is known goes out in one piece with its headers: YARP sends these
/// first and the body after, and Ingest.Api then woke twice for a webhook: 130-144 us of processor instead of 108-125 (docs/performance.md).
/// It also means that a sender who takes its time holds no connection to a service. Everything else is streamed.
/// </summary>
internal sealed class WholeBodies : ForwarderHttpClientFactory
{
    /// <summary>The largest webhook (API.md).</summary>
    private const int MaxBytes = 16 * 1024;

    /// <summary>
    /// On one machine or in one cluster a connection takes milliseconds. The kernel asks again after 1 s and 3 s, and a thousand at once on a machine with no
    /// processor to spare took more than 2 s: with 2 s here some of them were refused (4 in one run) that would have been stored.
    /// </summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = ConnectTimeout;
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new Gathering(base.WrapHandler(context, handler));

    private sealed class Gathering(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { Headers.ContentLength: <= MaxBytes } body) await body.LoadIntoBufferAsync(MaxBytes, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
