using System.Net;
using System.Net.Sockets;
using ServiceDefaults.Outbound;
using Support.Otlp;

namespace ServiceDefaults.Tests.Outbound;

public class GuardedConnectionTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

    private static readonly IPAddress Public = IPAddress.Parse("93.184.215.14"), Private = IPAddress.Parse("10.0.0.1");
    private static readonly OutboundOptions Strict = new() { AllowHttp = true };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact(Timeout = 30_000)]
    public async Task DNS_that_changes_between_the_check_and_the_connection_gains_nothing()
    {
        await using var inside = RawServer.Answering(Ok);
        var answers = new Queue<IPAddress>([Public, IPAddress.Loopback]);
        using var sender = new Sender(_ => [answers.Dequeue()], Strict);
        var url = $"http://hooks.example:{inside.Port}/secret-path?token=secret";
        Assert.Null(await TargetUrl.CheckAsync(url, Strict, (_, _) => Task.FromResult<IPAddress[]>([answers.Dequeue()]), sender.Clock, Cancelled));

        var result = await sender.PostAsync(url);

        Assert.Equal(new(SendFailureKind.AddressRefused, "hooks.example is 127.0.0.1, which is refused: loopback"), result.Failure);
        Assert.Equal(0, await inside.CountConnectionsAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task The_address_that_was_judged_is_the_one_that_is_connected_to()
    {
        await using var receiver = RawServer.Answering(Ok);
        var answers = new Queue<IPAddress>([IPAddress.Loopback, Private]);
        using var sender = new Sender(_ => [answers.Dequeue()]);

        var result = await sender.PostAsync($"http://hooks.example:{receiver.Port}/");

        Assert.True(result.IsDelivered);
        Assert.Equal([Private], answers); // Asked once.
    }

    [Theory(Timeout = 30_000)]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://127.0.0.1.:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0.0.0.0:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://[64:ff9b::7f00:1]:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://①②⑦.0.0.1:{0}/")]
    public async Task A_URL_that_was_never_checked_is_refused_when_it_is_connected_to(string url)
    {
        await using var inside = RawServer.Answering(Ok);
        using var sender = new Sender(options: Strict);

        var result = await sender.PostAsync(url.Replace("{0}", $"{inside.Port}", StringComparison.Ordinal));

        Assert.Equal(SendFailureKind.AddressRefused, result.Failure?.Kind);
        Assert.Equal(0, await inside.CountConnectionsAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task A_name_with_one_refused_address_is_refused_whole()
    {
        await using var receiver = RawServer.Answering(Ok);
        using var sender = new Sender(_ => [IPAddress.Loopback, Private]);

        var result = await sender.PostAsync($"http://hooks.example:{receiver.Port}/");

        Assert.Equal("hooks.example is 10.0.0.1, which is refused: private", result.Failure?.Words);
        Assert.Equal(0, await receiver.CountConnectionsAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task An_address_where_nothing_listens_leaves_the_next_one()
    {
        await using var receiver = RawServer.Answering(Ok);
        using var sender = new Sender(_ => [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);

        Assert.True((await sender.PostAsync($"http://hooks.example:{receiver.Port}/")).IsDelivered);
    }

    [Fact(Timeout = 30_000)]
    public async Task An_address_that_does_not_answer_leaves_time_for_the_next_one()
    {
        await using var receiver = RawServer.Answering(Ok);
        var silent = IPAddress.Parse("127.0.0.2");
        using var full = new FullListener(silent, receiver.Port);
        using var sender = new Sender(_ => [silent, IPAddress.Loopback]);

        var sending = sender.PostAsync($"http://hooks.example:{receiver.Port}/");
        await sender.Clock.WaitForTimersAsync(2, Cancelled); // The webhook's and the address's.
        sender.Clock.Advance(GuardedConnection.ConnectLimit / 2);

        Assert.True((await sending).IsDelivered);
    }

    [Fact(Timeout = 30_000)]
    public async Task An_address_that_does_not_answer_is_said_in_words()
    {
        await using var port = RawServer.Answering(""); // On another address.
        var silent = IPAddress.Parse("127.0.0.4");
        using var full = new FullListener(silent, port.Port);
        using var sender = new Sender(_ => [silent]);

        var sending = sender.PostAsync($"http://hooks.example:{port.Port}/");
        await sender.Clock.WaitForTimersAsync(2, Cancelled);
        sender.Clock.Advance(GuardedConnection.ConnectLimit);

        Assert.Equal(new(SendFailureKind.NotConnected, "no connection within 10 s"), (await sending).Failure);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_handshake_that_goes_nowhere_ends_with_the_limit_for_connecting()
    {
        await using var receiver = RawServer.Serving((stream, cancellationToken) => stream.CopyToAsync(Stream.Null, cancellationToken));
        using var sender = new Sender();
        Assert.Equal(GuardedConnection.ConnectLimit, sender.Handler.ConnectTimeout);
        sender.Handler.ConnectTimeout = TimeSpan.FromMilliseconds(200); // By the machine's clock.

        var result = await sender.PostAsync($"https://hooks.example:{receiver.Port}/");

        Assert.Equal(new(SendFailureKind.NotConnected, "no connection within 10 s"), result.Failure);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_redirect_into_our_network_is_an_answer_and_is_not_followed()
    {
        await using var inside = RawServer.Answering(Ok);
        await using var receiver = RawServer.Answering($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside.Port}/\r\nContent-Length: 0\r\n\r\n");
        using var sender = new Sender();

        var result = await sender.PostAsync($"http://hooks.example:{receiver.Port}/");

        Assert.Equal((302, null, false), (result.Status, result.Failure, result.IsDelivered));
        Assert.Equal((1, 0), (await receiver.CountConnectionsAsync(), await inside.CountConnectionsAsync()));
    }

    [Fact(Timeout = 60_000)]
    public async Task Cookies_and_trace_ids_stay_here_also_where_telemetry_is_on()
    {
        await using var telemetry = await OtlpReceiver.StartAsync(TestContext.Current.CancellationToken);
        await using var service = await TestService.StartAsync(_ => { }, settings: telemetry.Settings);
        var requests = new List<string>();
        await using var receiver = RawServer.Serving(async (stream, cancellationToken) =>
        {
            requests.Add(await RawServer.ReadRequestAsync(stream, cancellationToken));
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
        });
        using var sender = new Sender();
        using var span = new System.Diagnostics.Activity("deliver").AddBaggage("tenant", "secret").Start();

        for (var i = 0; i < 2; i++) Assert.True((await sender.PostAsync($"http://hooks.example:{receiver.Port}/")).IsDelivered);

        Assert.Equal(2, requests.Count);
        foreach (var name in new[] { "cookie", "traceparent", "baggage", "correlation-context", "secret" })
            Assert.All(requests, request => Assert.DoesNotContain(name, request, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Listens, and has as many connections waiting as the kernel keeps: it answers no more.</summary>
    private sealed class FullListener : IDisposable
    {
        private readonly List<Socket> _sockets = [NewSocket()];

        public FullListener(IPAddress address, int port)
        {
            _sockets[0].Bind(new IPEndPoint(address, port));
            _sockets[0].Listen(0);
            _sockets.Add(NewSocket());
            _sockets[1].Connect(address, port); // Linux keeps one more than it was asked to.
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    }
}

/// <summary>Changes what all clients of this process use by default, so it runs alone.</summary>
[CollectionDefinition(nameof(ProxyTests), DisableParallelization = true), Collection(nameof(ProxyTests))]
public class ProxyTests
{
    /// <summary>HttpClient.DefaultProxy is what .NET makes of HTTP_PROXY, once a process: a test cannot set the variable any more.</summary>
    [Fact(Timeout = 30_000)]
    public async Task The_environments_proxy_sees_nothing()
    {
        const string Answer = "HTTP/1.1 204 No Content\r\n\r\n";
        await using var proxy = RawServer.Answering(Answer);
        await using var receiver = RawServer.Answering(Answer);
        var url = $"http://hooks.example:{receiver.Port}/";
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy(IPAddress.Loopback.ToString(), proxy.Port);
        try
        {
            using var sender = new Sender();
            Assert.False(sender.Handler.UseProxy);
            Assert.True((await sender.PostAsync(url)).IsDelivered);
            Assert.Equal((0, 1), (await proxy.CountConnectionsAsync(), await receiver.CountConnectionsAsync()));

            using var unguarded = new HttpClient();
            using var _ = await unguarded.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
            Assert.Equal((1, 1), (await proxy.CountConnectionsAsync(), await receiver.CountConnectionsAsync()));
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }
}
