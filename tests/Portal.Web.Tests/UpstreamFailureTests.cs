using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Portal.Web.Tests;

public sealed class UpstreamFailureTests
{
    [Theory]
    [InlineData("POST", "/v1/webhooks/transactions", "webhook intake")]
    [InlineData("GET", "/v1/transactions", "transaction lookup")]
    [InlineData("GET", "/v1/transactions/txn_1", "transaction lookup")]
    [InlineData("GET", "/health/worker", "background processing")]
    public async Task A_service_that_is_away_is_503_with_Retry_After_and_its_role_but_not_its_place(string method, string path, string role)
    {
        await using var door = FrontDoor.Open();
        using var body = JsonContent.Create(new { transaction_id = "txn_1" });

        using var response = await door.SendAsync(new HttpMethod(method), path, method == "POST" ? body : null);

        var problem = await response.ProblemAsync(503, "unavailable");
        Assert.Contains(role, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var retryAfter = problem.GetProperty("retry_after").GetInt32();
        Assert.Equal(retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture), response.Headers.RetryAfter?.ToString());
        foreach (var inside in (string[])["127.0.0.1", "ingest-api", "query-api", "processor-worker"])
            Assert.DoesNotContain(inside, problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_to_a_service_that_lets_nobody_connect_is_said_to_have_changed_nothing()
    {
        // A queue of none, and it is full: the kernel drops whoever else comes without a word.
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen(0);
        using var first = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(silent.LocalEndPoint!, TestContext.Current.CancellationToken);
        await using var door = FrontDoor.Open(ingest: $"http://{silent.LocalEndPoint}");
        using var content = JsonContent.Create(new { transaction_id = "txn_1" });

        using var response = await door.SendAsync(HttpMethod.Post, "/v1/webhooks/transactions", content);

        var problem = await response.ProblemAsync(503, "unavailable");
        Assert.Contains("Nothing was changed", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_not_said_to_have_changed_nothing()
    {
        // Takes the request and hangs up: whether it was carried out, nobody can know.
        await using var backend = await Backend.StartAsync("ingest-api", async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            await body.ReadToEndAsync();
            context.Abort();
        });
        await using var door = FrontDoor.Open(ingest: backend.Address);
        using var content = JsonContent.Create(new { transaction_id = "txn_1" });

        using var response = await door.SendAsync(HttpMethod.Post, "/v1/webhooks/transactions", content);

        var problem = await response.ProblemAsync(503, "unavailable");
        Assert.Contains("not known", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing was changed", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_is_503_without_a_body()
    {
        await using var door = FrontDoor.Open();

        using var response = await door.SendAsync(HttpMethod.Head, "/v1/transactions");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("", await response.TextAsync());
    }

    [Fact]
    public async Task A_service_that_comes_back_is_used_at_once()
    {
        var port = FreePort();
        await using var door = FrontDoor.Open(query: $"http://127.0.0.1:{port}");
        for (var i = 0; i < 20; i++)
        {
            using var away = await door.GetAsync("/v1/transactions");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        }

        await using var backend = await Backend.StartAsync("query-api", url: $"http://127.0.0.1:{port}");
        using var response = await door.GetAsync("/v1/transactions");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Replicas_share_the_load_and_one_that_is_away_is_passed_over()
    {
        await using var one = await Backend.StartAsync("one");
        await using var two = await Backend.StartAsync("two");
        await using var door = FrontDoor.Open(
            query: one.Address,
            clock: new FakeTimeProvider(),
            settings: [("services:query-api:http:1", two.Address), ("services:query-api:http:2", FrontDoor.Nowhere)]);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 200; i++)
        {
            using var response = await door.GetAsync("/v1/transactions");
            statuses.Add(response.StatusCode);
        }

        Assert.NotEmpty(one.Requests);
        Assert.NotEmpty(two.Requests);
        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
