using System.Net;
using Support;

namespace Portal.Web.Tests;

public sealed class CrossOriginTests
{
    private const string Origin = "https://shop.example.com";

    [Theory]
    [InlineData("/", 200)]
    [InlineData("/nothing", 404)]
    [InlineData("/v1/webhooks/transactions", 405)]
    [InlineData("/v1/transactions", 503)]
    public async Task In_Development_any_origin_may_read_every_answer_errors_too(string path, int status)
    {
        await using var door = FrontDoor.Open();

        using var response = await door.GetAsync(path, ("Origin", Origin));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("X-Request-ID", string.Join(',', response.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/webhooks/transactions", "POST")]
    [InlineData("/v1/transactions/txn_1", "GET")]
    public async Task A_preflight_is_answered_at_the_door(string path, string method)
    {
        await using var backend = await Backend.StartAsync("any");
        await using var door = FrontDoor.Open(backend.Address, backend.Address);

        using var response = await door.SendAsync(
            HttpMethod.Options, path, null,
            ("Origin", Origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "content-type,x-api-key,webhook-id"));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal(method, Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("content-type,x-api-key,webhook-id", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData(Origin, true)]
    [InlineData("https://evil.example.com", false)]
    [InlineData("https://shop.example.com.evil.com", false)]
    [InlineData("null", false)]
    public async Task In_Production_only_the_origins_that_are_set_may(string origin, bool allowed)
    {
        await using var door = FrontDoor.Open(settings: [("environment", "Production"), ("Cors:Origins:0", Origin)]);

        using var response = await door.GetAsync("/", ("Origin", origin));

        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var value));
        if (allowed) Assert.Equal(Origin, Assert.Single(value!));
    }

    [Fact]
    public async Task In_Production_without_the_setting_none_may()
    {
        await using var door = FrontDoor.Open(settings: [("environment", "Production")]);

        using var response = await door.GetAsync("/", ("Origin", Origin));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("https://shop.example.com/")]
    [InlineData("https://shop.example.com/path")]
    [InlineData("shop.example.com")]
    [InlineData("*")]
    public async Task A_setting_that_is_no_origin_stops_the_start_and_says_how_to_write_it(string origin)
    {
        var refusal = await StartUp.RefusalAsync(typeof(Program).Assembly, [.. FrontDoor.Services(), ("Cors:Origins:0", origin)]);

        Assert.Contains("Cors__Origins__n", refusal, StringComparison.Ordinal);
    }
}
