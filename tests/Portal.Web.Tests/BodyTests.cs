using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Portal.Web.Tests;

/// <summary>What passes in through the door, honest or not.</summary>
public sealed class BodyTests : IAsyncLifetime
{
    private const string Post = "POST /v1/webhooks/transactions HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\n";

    private Backend _backend = null!;
    private FrontDoor _door = null!;

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync("ingest-api");
        _door = FrontDoor.Open(ingest: _backend.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task A_body_passes_byte_for_byte()
    {
        var sent = "{\"a\":\"ä\u0001\"}" + new string(' ', 60_000);
        using var content = new StringContent(sent, Encoding.UTF8, "application/json");

        using var response = await _door.SendAsync(HttpMethod.Post, "/api/v1/users", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(sent, Assert.Single(_backend.Requests).Body);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_streamed_not_gathered()
    {
        // More than HttpClient's write buffer (4 KiB), which YARP does not flush for every little piece of an HTTP/1.1 request.
        const int First = 20_000;
        var arrived = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync("ingest-api", async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[First]);
            arrived.SetResult();
            using var rest = new StreamReader(context.Request.Body);
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(await rest.ReadToEndAsync()));
        });
        await using var door = FrontDoor.Open(ingest: backend.Address);
        using var content = new TwoParts(
            new string('1', First), "second", arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));

        using var response = await door.SendAsync(HttpMethod.Post, "/api/v1/users", content);

        Assert.Equal("second", await response.TextAsync());
    }

    [Fact]
    public async Task A_sender_that_takes_its_time_keeps_no_service_busy()
    {
        var begun = new ConcurrentQueue<long?>();
        await using var backend = await Backend.StartAsync("ingest-api", context =>
        {
            begun.Enqueue(context.Request.ContentLength);
            return context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var door = FrontDoor.Open(ingest: backend.Address);
        using var slow = new TcpClient();
        await slow.ConnectAsync(door.Address.Host, door.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = slow.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Post + "Connection: close\r\nContent-Length: 4\r\n\r\n{ "), TestContext.Current.CancellationToken);

        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var quick = await door.SendAsync(HttpMethod.Post, "/v1/webhooks/transactions", content);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(" }"), TestContext.Current.CancellationToken);
        using var answer = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 200", await answer.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal([2, 4], begun);
    }

    [Theory]
    [InlineData(64 * 1024 + 1, false)]
    [InlineData(10 * 1024 * 1024, false)]
    [InlineData(64 * 1024 + 1, true)]
    public async Task A_body_over_the_largest_limit_is_413_at_the_door(int length, bool chunked)
    {
        using var content = new ByteArrayContent(new byte[length]);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_door.Address, "/v1/webhooks/transactions")) { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        using var response = await _door.Client.SendAsync(request, TestContext.Current.CancellationToken);

        await response.ProblemAsync(413, "payload_too_large");
        Assert.Empty(_backend.Requests);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_body_over_a_services_own_limit_is_413_however_it_is_sent(bool chunked)
    {
        const int Limit = 16 * 1024;
        await using var backend = await Backend.StartAsync("ingest-api", async context =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Limit;
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }
            catch (BadHttpRequestException refusal)
            {
                context.Response.StatusCode = refusal.StatusCode;
            }
        });
        await using var door = FrontDoor.Open(ingest: backend.Address);

        // The door refuses it before the service does: a service that refused would close the connection under the rest of the body, and its answer be lost now
        // and then (the 51st of these, once).
        for (var i = 0; i < 100; i++)
        {
            using var content = new ByteArrayContent(new byte[40_000]);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Address, "/v1/webhooks/transactions")) { Content = content };
            request.Headers.TransferEncodingChunked = chunked;
            using var response = await door.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((i, HttpStatusCode.RequestEntityTooLarge), (i, response.StatusCode));
        }
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{}")]
    [InlineData("Content-Length: -1\r\n\r\n{}")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n{}")]
    [InlineData("Content-Length: 0x2\r\n\r\n{}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n{}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: gzip, identity\r\n\r\n{}")]
    [InlineData("Content-Length : 2\r\n\r\n{}")]
    [InlineData("X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task A_length_that_lies_is_the_callers_fault_and_the_door_stays_open(string rest)
    {
        var answer = await RawHttp.SayAsync(_door.Address, Post + rest, hangUp: true);

        if (answer.Length > 0) Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.Empty(_backend.Requests);
        using var next = await _door.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n")]
    [InlineData("Transfer-Encoding: Chunked\r\nContent-Length: 4\r\n\r\n")]
    public async Task One_request_cannot_smuggle_in_another(string lengths)
    {
        // By Content-Length the body ends after "2\r\n{" and the rest is a request of its own; by chunks all of it is one body.
        const string Hidden = "GET /v1/webhooks/hidden HTTP/1.1\r\nHost: x\r\n\r\n";
        var chunks = $"{Hidden.Length:x}\r\n{Hidden}\r\n0\r\n\r\n";

        await RawHttp.SayAsync(_door.Address, $"{Post}Connection: close\r\n{lengths}{chunks}");

        Assert.All(
            _backend.Requests,
            received => Assert.Equal(("POST", "/v1/webhooks/transactions", Hidden), (received.Method, received.Target, received.Body)));
        Assert.InRange(_backend.Requests.Count, 0, 1);
    }

    [Fact]
    public async Task Requests_in_one_connection_stay_apart()
    {
        var answer = await RawHttp.SayAsync(
            _door.Address,
            $"{Post}Content-Length: 3\r\n\r\none"
            + $"{Post}Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
            + $"{Post}Content-Length: 5\r\nConnection: close\r\n\r\nthree");

        Assert.Equal(3, answer.Split("HTTP/1.1 200").Length - 1);
        Assert.Equal(["one", "two", "three"], _backend.Requests.Select(received => received.Body));
    }

    private sealed class TwoParts(string first, string second, Task between) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(first));
            await stream.FlushAsync();
            await between;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(second));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
