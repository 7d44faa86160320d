using Portal.Web.FrontDoor;

namespace Portal.Web.Api;

/// <summary>
/// Sends a call of the pages to the service that the front door sends it to: writes to Ingest.Api, reads to Query.Api. Replicas take turns. A read whose
/// replica cannot be reached goes to the next one; a write is not repeated, because it may have been carried out.
/// </summary>
internal sealed class ServiceRouting(BackendServices services) : DelegatingHandler
{
    /// <summary>The base address of the calls, which this handler replaces.</summary>
    public static readonly Uri Placeholder = new("http://api.invalid");

    /// <summary>What the sandbox serves beside <c>/sandbox</c>: what it is and how it behaves. No other service has these paths.</summary>
    private static readonly string[] SandboxPaths = ["/", "/behaviour", "/stripe/behaviour"];

    private uint _turn;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        var replicas = services[NameOf(request.Method, path)].Addresses;
        var first = Interlocked.Increment(ref _turn);
        for (var i = 0; ; i++)
        {
            request.RequestUri = new Uri(replicas[(int)((first + i) % replicas.Count)], path);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException) when (request.Method == HttpMethod.Get && i + 1 < replicas.Count)
            {
                // The next replica may be well.
            }
        }
    }

    private static string NameOf(HttpMethod method, string path) =>
        path.StartsWith("/sandbox/", StringComparison.Ordinal) || SandboxPaths.Contains(path) ? BackendServices.SandboxName
        : path.StartsWith("/health/worker", StringComparison.Ordinal) ? BackendServices.Worker
        : method == HttpMethod.Get ? BackendServices.Query
        : BackendServices.Ingest;
}
