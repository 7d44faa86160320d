using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sandbox.Tests;
using Support;

[assembly: AssemblyFixture(typeof(StripeMock))]

namespace Sandbox.Tests;

/// <summary>
/// Stripe's own mock (<see href="https://github.com/stripe/stripe-mock"/>), in PATH, named by STRIPE_MOCK or in shared/tools: it knows Stripe's OpenAPI
/// document, so it says
/// which requests Stripe takes and which members its objects have. It remembers nothing.
/// </summary>
public sealed class StripeMock : IAsyncLifetime
{
    public const string Missing = "Needs stripe-mock, in PATH, named by STRIPE_MOCK or in ../shared/tools, to compare with.";

    private Process? _process;

    /// <summary>Null when it is not there.</summary>
    public Uri? Address { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (SharedTool.Find("stripe-mock", "STRIPE_MOCK") is not { } program) return;
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        _process = Process.Start(new ProcessStartInfo(program, ["-http-addr", address.Authority, "-https-addr", "127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        using var http = new HttpClient();
        await Eventually.TrueAsync(async stop => (await http.GetAsync(address, stop)).StatusCode == HttpStatusCode.Unauthorized, CancellationToken.None);
        Address = address;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Sends on, and has the mock look at what the sandbox took: a request that it refuses fails the test.</summary>
    public HttpMessageHandler AskedToo() => new Asking(this);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Asking(StripeMock mock) : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (mock.Address is null) return await base.SendAsync(request, cancellationToken);
            var body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.PaymentRequired) return answer;

            using var again = new HttpRequestMessage(request.Method, new Uri(mock.Address, request.RequestUri!.PathAndQuery));
            foreach (var (name, values) in request.Headers) again.Headers.TryAddWithoutValidation(name, values);
            if (body is not null) again.Content = new ByteArrayContent(body) { Headers = { ContentType = request.Content!.Headers.ContentType } };
            using var theirs = await _http.SendAsync(again, cancellationToken);
            return theirs.IsSuccessStatusCode
                ? answer
                : throw new InvalidOperationException(
                    $"stripe-mock refuses {request.Method} {request.RequestUri.PathAndQuery}: {await theirs.Content.ReadAsStringAsync(cancellationToken)}");
        }

        protected override void Dispose(bool disposing)
        {
            _http.Dispose();
            base.Dispose(disposing);
        }
    }
}
