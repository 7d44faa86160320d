using System.Net;
using Microsoft.Extensions.Options;
using ServiceDefaults.Outbound;

namespace Ingest.Api.Webhooks;

/// <summary>Whether an endpoint may have a URL (<see cref="TargetUrl"/>).</summary>
/// <param name="options">Where webhooks may go.</param>
/// <param name="resolve">Gives a name's addresses: <see cref="Dns.GetHostAddressesAsync(string, CancellationToken)"/>.</param>
/// <param name="clock">Measures how long that takes.</param>
internal sealed class EndpointUrl(IOptions<OutboundOptions> options, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider clock)
{
    /// <summary>What is allowed, to be read after a field's name, where nothing else can be said.</summary>
    public const string Rule = "must be an absolute https address, such as https://shop.example/webhooks";

    /// <summary>What is wrong with a URL, to be read after its field's name; null for nothing.</summary>
    public Task<string?> FaultOfAsync(string url, CancellationToken cancellationToken) =>
        TargetUrl.CheckAsync(url, options.Value, resolve, clock, cancellationToken);
}
