using System.Net;

namespace Portal.Web.Tests;

/// <summary>In Development the sandbox's own paths are reached through the front door.</summary>
public sealed class SandboxTests
{
    [Theory]
    [InlineData("POST", "/sandbox/clock")]
    [InlineData("GET", "/sandbox/clock?x=1")]
    [InlineData("DELETE", "/sandbox/clock")]
    [InlineData("POST", "/sandbox/inbox")]
    [InlineData("PUT", "/sandbox/inbox/orders/behaviour")]
    public async Task Its_paths_reach_it(string method, string target)
    {
        await using var sandbox = await Backend.StartAsync("sandbox");
        await using var door = FrontDoor.Open(settings: ("services:sandbox:http:0", sandbox.Address));

        using var response = await door.SendAsync(new HttpMethod(method), target);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((method, target), Assert.Single(sandbox.Requests) is var received ? (received.Method, received.Target) : default);
    }

    [Theory, InlineData(1024 * 1024, 200), InlineData(1024 * 1024 + 1, 413)]
    public async Task A_body_may_be_as_large_as_its_inbox_takes(int bytes, int status)
    {
        await using var sandbox = await Backend.StartAsync("sandbox");
        await using var door = FrontDoor.Open(settings: ("services:sandbox:http:0", sandbox.Address));

        // With Expect: 100-continue the refusal comes before the body; else sending the rest of it may fail first.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sandbox/inbox") { Content = new ByteArrayContent(new byte[bytes]) };
        request.Headers.ExpectContinue = true;
        using var response = await door.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Away_it_is_503_and_no_part_of_the_systems_health()
    {
        await using var door = FrontDoor.Open(settings: ("services:sandbox:http:0", FrontDoor.Nowhere));

        using var response = await door.GetAsync("/sandbox/clock");
        await response.ProblemAsync(503, "unavailable");

        using var health = await door.GetAsync("/health");
        Assert.DoesNotContain("sandbox", await health.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_none_the_path_is_404()
    {
        await using var door = FrontDoor.Open();
        using var response = await door.GetAsync("/sandbox/clock");
        await response.ProblemAsync(404, "not_found");
    }

    [Fact]
    public async Task Outside_Development_the_path_is_404_though_a_sandbox_is_known()
    {
        await using var sandbox = await Backend.StartAsync("sandbox");
        await using var door = FrontDoor.Open(settings: [("services:sandbox:http:0", sandbox.Address), ("environment", "Production")]);

        using var response = await door.GetAsync("/sandbox/clock");

        await response.ProblemAsync(404, "not_found");
        Assert.Empty(sandbox.Requests);
    }
}
