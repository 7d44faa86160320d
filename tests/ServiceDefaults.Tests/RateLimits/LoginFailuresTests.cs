using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.RateLimits;
using StackExchange.Redis;

namespace ServiceDefaults.Tests.RateLimits;

public sealed class LoginFailuresTests(RedisServer redis)
{
    private const string Right = "right";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_five_failures_an_e_mail_and_an_address_are_refused_also_with_the_right_key_until_a_minute_is_over()
    {
        var clock = new FakeTimeProvider();
        await using var service = await StartAsync(clock);
        for (var i = 0; i < 5; i++) Assert.Equal(401, await LoginAsync(service, "alice@example.com", "wrong", address: $"192.0.2.{i}"));

        Assert.Equal(429, await LoginAsync(service, "alice@example.com", Right, address: "192.0.2.9"));
        Assert.Equal(429, await LoginAsync(service, " ALICE@example.com", Right, address: "192.0.2.9"));
        Assert.Equal(200, await LoginAsync(service, "bob@example.com", Right, address: "192.0.2.9"));

        for (var i = 0; i < 5; i++) Assert.Equal(401, await LoginAsync(service, $"{i}@example.com", "wrong", address: "198.51.100.1"));
        Assert.Equal(429, await LoginAsync(service, "bob@example.com", Right, address: "198.51.100.1"));

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, await LoginAsync(service, "alice@example.com", Right, address: "198.51.100.1"));
    }

    [Fact]
    public async Task Logins_that_succeed_are_not_counted()
    {
        await using var service = await StartAsync(new FakeTimeProvider());
        foreach (var _ in Enumerable.Range(0, 20)) Assert.Equal(200, await LoginAsync(service, "alice@example.com", Right, "192.0.2.1"));
    }

    [Fact]
    public async Task Of_any_number_of_wrong_ones_at_once_only_five_are_told_that_they_were_wrong()
    {
        await using var service = await StartAsync(TimeProvider.System, redis.ConnectionString);
        await LimiterInstance.ConnectedAsync(service.Services);
        var email = $"{Guid.NewGuid():N}@example.com";

        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => LoginAsync(service, email, "wrong", $"203.0.113.{i}")));

        Assert.Equal((5, 55), (statuses.Count(status => status == 401), statuses.Count(status => status == 429)));
    }

    [Fact]
    public async Task A_subscriber_of_IPv6_is_one_address_whatever_he_calls_himself()
    {
        await using var service = await StartAsync(new FakeTimeProvider());
        for (var i = 0; i < 5; i++) await LoginAsync(service, $"{i}@example.com", "wrong", $"2001:db8:1:2::{i}");

        Assert.Equal(429, await LoginAsync(service, "bob@example.com", Right, "2001:db8:1:2:ffff::1"));
        Assert.Equal(200, await LoginAsync(service, "bob@example.com", Right, "2001:db8:1:3::1"));
    }

    [Fact]
    public async Task Only_the_nearest_proxy_is_believed()
    {
        await using var service = await StartAsync(new FakeTimeProvider());
        for (var i = 0; i < 5; i++) await LoginAsync(service, $"{i}@example.com", "wrong", $"6.6.6.{i}, 192.0.2.1");

        Assert.Equal(429, await LoginAsync(service, "bob@example.com", Right, "192.0.2.1"));
    }

    [Fact]
    public async Task Redis_is_told_no_e_mail_and_no_address()
    {
        await using var service = await StartAsync(TimeProvider.System, redis.ConnectionString);
        await LimiterInstance.ConnectedAsync(service.Services);
        await LoginAsync(service, "carol.readable@example.com", "wrong", "192.0.2.77");

        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var keys = (string[])(await connection.GetDatabase().ExecuteAsync("KEYS", "*"))!;
        Assert.Contains(keys, key => key.Contains("login_email", StringComparison.Ordinal));
        Assert.DoesNotContain(keys, key => key.Contains("carol", StringComparison.OrdinalIgnoreCase) || key.Contains("192.0.2.77", StringComparison.Ordinal));
    }

    private static async Task<int> LoginAsync(TestService service, string email, string key, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/login?email={Uri.EscapeDataString(email)}&key={key}");
        request.Headers.Add("X-Forwarded-For", address);
        using var response = await service.Http.SendAsync(request, Ct);
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            Assert.Equal("0", response.Headers.GetValues("X-RateLimit-Remaining").Single());
            Assert.Equal("rate_limited", (await response.ProblemAsync()).GetProperty("error").GetString());
        }

        return (int)response.StatusCode;
    }

    private static Task<TestService> StartAsync(TimeProvider clock, string? redis = null) => TestService.StartAsync(
        app => app.MapPost("/login", async (string email, string key, HttpContext context, LoginFailures failures) =>
        {
            if (await failures.CheckAsync(context, email) is { } refused) return refused;
            if (key == Right) return Results.Ok();
            return await failures.RecordAsync(context, email) is { } refusal ? refusal : (IResult)TypedResults.StatusCode(401);
        }),
        builder =>
        {
            builder.Services.AddSingleton(clock);
            builder.AddRateLimits();
        },
        settings: [new("ConnectionStrings__redis", redis ?? ""), new("RateLimits__RedisTimeout", "00:00:10")]);
}
