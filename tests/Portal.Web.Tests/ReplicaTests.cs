using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Portal.Web.Tests;

/// <summary>Several replicas of a service, of which one is not well.</summary>
public sealed class ReplicaTests
{
    /// <summary>Portal.Web's ReplicaHealth.Pause.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    [Theory, InlineData("GET"), InlineData("HEAD")]
    public async Task A_replica_that_is_killed_costs_no_read_an_error(string method)
    {
        await using var well = await Backend.StartAsync("well");
        var killed = await Backend.StartAsync("killed");
        await using var door = Open(new FakeTimeProvider(), well.Address, killed.Address);
        while (killed.Requests.IsEmpty) await ReadAsync(door, method);

        await killed.DisposeAsync();

        for (var i = 0; i < 50; i++) Assert.Equal(HttpStatusCode.OK, await ReadAsync(door, method));
    }

    [Fact]
    public async Task A_replica_that_hangs_up_before_its_response_costs_no_read_an_error()
    {
        await using var well = await Backend.StartAsync("well");
        await using var hangsUp = await Backend.StartAsync("hangs up", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var door = Open(new FakeTimeProvider(), well.Address, hangsUp.Address);

        for (var i = 0; i < 50; i++) Assert.Equal(HttpStatusCode.OK, await ReadAsync(door));
    }

    [Fact]
    public async Task A_replica_that_cannot_be_reached_is_passed_over_and_used_again_after_its_pause()
    {
        var clock = new FakeTimeProvider();
        await using var well = await Backend.StartAsync("well");
        var port = FreePort();
        await using var door = Open(clock, well.Address, $"http://127.0.0.1:{port}");
        for (var i = 0; i < 50; i++) await ReadAsync(door);
        await using var back = await Backend.StartAsync("back", url: $"http://127.0.0.1:{port}");

        for (var i = 0; i < 50; i++) await ReadAsync(door);
        Assert.Empty(back.Requests);

        clock.Advance(Pause);
        for (var i = 0; i < 50; i++) await ReadAsync(door);
        Assert.NotEmpty(back.Requests);
    }

    [Fact]
    public async Task A_write_is_sent_once_and_the_next_goes_to_the_replica_that_is_well()
    {
        await using var well = await Backend.StartAsync("well");
        await using var door = FrontDoor.Open(
            ingest: well.Address, clock: new FakeTimeProvider(), settings: [("services:ingest-api:http:1", FrontDoor.Nowhere)]);
        var statuses = await WriteAsync(door);

        Assert.InRange(statuses.Count(status => status == HttpStatusCode.ServiceUnavailable), 0, 1);
        Assert.Equal(statuses.Count(status => status == HttpStatusCode.OK), well.Requests.Count);
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{}")]
    [InlineData("Content-Length: 40000\r\n\r\n{}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n{}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("User-Agent: \u00C3\u00A9\r\nContent-Length: 2\r\n\r\n{}")]
    public async Task What_callers_do_wrong_takes_no_replica_out(string rest)
    {
        await using var one = await Backend.StartAsync("one");
        var two = await Backend.StartAsync("two");
        await using var door = FrontDoor.Open(ingest: one.Address, clock: new FakeTimeProvider(), settings: [("services:ingest-api:http:1", two.Address)]);
        for (var i = 0; i < 40; i++)
            await RawHttp.SayAsync(
                door.Address, $"POST /v1/webhooks/transactions HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\n{rest}", hangUp: true);

        // If both were out, both would get requests, the dead one too: only among replicas that are in is one that dies passed over.
        await two.DisposeAsync();
        var statuses = await WriteAsync(door);
        Assert.InRange(statuses.Count(status => status == HttpStatusCode.ServiceUnavailable), 0, 1);
    }

    [Fact]
    public async Task When_no_replica_can_be_reached_a_read_is_503_and_the_first_that_returns_is_used_at_once()
    {
        var port = FreePort();
        await using var door = Open(new FakeTimeProvider(), FrontDoor.Nowhere, $"http://127.0.0.1:{port}");
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadAsync(door));

        await using var back = await Backend.StartAsync("back", url: $"http://127.0.0.1:{port}");

        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, await ReadAsync(door));
    }

    private static FrontDoor Open(TimeProvider clock, string one, string two) =>
        FrontDoor.Open(query: one, clock: clock, settings: [("services:query-api:http:1", two)]);

    private static async Task<HttpStatusCode> ReadAsync(FrontDoor door, string method = "GET")
    {
        using var response = await door.SendAsync(new HttpMethod(method), "/v1/transactions");
        return response.StatusCode;
    }

    private static async Task<List<HttpStatusCode>> WriteAsync(FrontDoor door)
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 50; i++)
        {
            using var content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var response = await door.SendAsync(HttpMethod.Post, "/v1/webhooks/transactions", content);
            statuses.Add(response.StatusCode);
        }

        return statuses;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
