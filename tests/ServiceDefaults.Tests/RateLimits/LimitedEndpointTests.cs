using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.RateLimits;
using Support;

namespace ServiceDefaults.Tests.RateLimits;

public sealed class LimitedEndpointTests
{
    private const string PortalKey = "a-portal-key-for-these-tests", Development = "Development";

    private readonly FakeTimeProvider _clock = new(new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_says_how_much_is_left_and_when_there_is_more()
    {
        await using var service = await StartAsync();

        var first = await GetAsync(service, "/api/balance", user: "1");
        Assert.Equal((200, "2", "1", Unix(60)), Seen(first));
        _clock.Advance(TimeSpan.FromSeconds(10.5));
        Assert.Equal((200, "2", "0", Unix(60)), Seen(await GetAsync(service, "/api/balance", user: "1")));

        var refused = await GetAsync(service, "/api/balance", user: "1");
        Assert.Equal((429, "2", "0", Unix(60)), Seen(refused));
        Assert.Equal(TimeSpan.FromSeconds(50), refused.Headers.RetryAfter!.Delta);
        var problem = await refused.ProblemAsync();
        Assert.Equal(("rate_limited", 50), (problem.GetProperty("error").GetString(), problem.GetProperty("retry_after").GetInt32()));
        Assert.Equal(problem.GetProperty("detail").GetString(), problem.GetProperty("message").GetString());

        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(200, (int)(await GetAsync(service, "/api/balance", user: "1")).StatusCode);
    }

    [Fact]
    public async Task Each_user_has_a_limit_of_their_own_and_so_has_each_admin_key()
    {
        await using var service = await StartAsync();
        foreach (var _ in Enumerable.Range(0, 3)) await GetAsync(service, "/api/balance", user: "1");
        foreach (var _ in Enumerable.Range(0, 3)) await GetAsync(service, "/api/balance", user: "0", key: "one-admin-key");

        Assert.Equal(429, (int)(await GetAsync(service, "/api/balance", user: "1")).StatusCode);
        Assert.Equal(200, (int)(await GetAsync(service, "/api/balance", user: "2")).StatusCode);
        Assert.Equal(429, (int)(await GetAsync(service, "/api/balance", user: "0", key: "one-admin-key")).StatusCode);
        Assert.Equal(200, (int)(await GetAsync(service, "/api/balance", user: "0", key: "another-admin-key")).StatusCode);
    }

    [Fact]
    public async Task The_global_limit_is_everybodys_together_and_a_request_refused_by_its_own_takes_none_of_it()
    {
        await using var service = await StartAsync(("RateLimits__Global__Limit", "4"));
        foreach (var _ in Enumerable.Range(0, 10)) await GetAsync(service, "/api/balance", user: "1");

        Assert.Equal((200, "4", "1"), Seen(await GetAsync(service, "/api/other", user: "2")) is var (status, limit, left, _) ? (status, limit, left) : default);
        Assert.Equal(200, (int)(await GetAsync(service, "/api/other", user: "3")).StatusCode);
        Assert.Equal(429, (int)(await GetAsync(service, "/api/other", user: "4")).StatusCode);
        Assert.Equal(200, (int)(await GetAsync(service, "/free", user: "4")).StatusCode);
    }

    [Fact]
    public async Task What_the_portal_reads_is_counted_by_itself_and_uses_up_nothing_of_the_users_own()
    {
        await using var service = await StartAsync(
            ("RateLimits__PortalKey", PortalKey), ("RateLimits__Portal__Limit", "3"), ("RateLimits__Global__Limit", "2"));
        foreach (var left in (string[])["2", "1", "0"])
            Assert.Equal((200, "3", left, Unix(60)), Seen(await GetAsync(service, "/api/balance", user: "1", portalKey: PortalKey)));

        Assert.Equal(429, (int)(await GetAsync(service, "/api/other", user: "1", portalKey: PortalKey)).StatusCode);
        Assert.Equal(200, (int)(await GetAsync(service, "/api/other", user: "2", portalKey: PortalKey)).StatusCode);
        Assert.Equal((200, "2", "1", Unix(60)), Seen(await GetAsync(service, "/api/balance", user: "1")));
    }

    [Theory]
    [InlineData(PortalKey, "a-key-of-somebody-else")]
    [InlineData(PortalKey, "a-portal-key-for-these-test")]
    [InlineData(null, PortalKey)]
    [InlineData("", "")]
    public async Task Another_key_than_the_portals_changes_nothing(string? known, string sent)
    {
        await using var service = await StartAsync(known is null ? [] : [("RateLimits__PortalKey", known)]);
        Assert.Equal((200, "2", "1", Unix(60)), Seen(await GetAsync(service, "/api/balance", user: "1", portalKey: sent)));
        Assert.Equal((200, "2", "0", Unix(60)), Seen(await GetAsync(service, "/api/balance", user: "1")));
    }

    [Fact]
    public async Task The_portals_key_of_Development_serves_there_alone()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(
                _clock, "Production", ("RateLimits__PortalKey", RateLimitOptions.DevelopmentPortalKey), ("Auth__AllowAnonymous", "true")));
        Assert.Contains("Parameters__portal_key", refusal.Message, StringComparison.Ordinal);

        await using var service = await StartAsync(("RateLimits__PortalKey", RateLimitOptions.DevelopmentPortalKey));
        var answer = await GetAsync(service, "/api/balance", user: "1", portalKey: RateLimitOptions.DevelopmentPortalKey);
        Assert.Equal((200, "600", "599", Unix(60)), Seen(answer));
    }

    [Fact]
    public async Task An_answer_that_goes_wrong_half_way_carries_the_headers_too()
    {
        await using var service = await StartAsync();

        var failed = await GetAsync(service, "/api/fails", user: "1");

        Assert.Equal((500, "1000", "999"), Seen(failed) is var (status, limit, left, _) ? (status, limit, left) : default);
    }

    [Fact]
    public async Task Turned_off_nothing_is_limited_or_told()
    {
        await using var service = await StartAsync(("RateLimits__Enabled", "false"));
        foreach (var _ in Enumerable.Range(0, 5))
        {
            var answer = await GetAsync(service, "/api/balance", user: "1");
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.False(answer.Headers.Contains("X-RateLimit-Limit"));
        }
    }

    [Theory]
    [InlineData("RateLimits__Global__Limit", "0")]
    [InlineData("RateLimits__Balance__Window", "00:00:00")]
    [InlineData("RateLimits__History__Window", "2.00:00:00")]
    [InlineData("RateLimits__LoginFailures__Limit", "-1")]
    [InlineData("RateLimits__AuthFailures__Limit", "0")]
    [InlineData("RateLimits__RedisTimeout", "00:01:00")]
    [InlineData("RateLimits__RedisPause", "00:00:00")]
    [InlineData("RateLimits__Portal__Limit", "0")]
    [InlineData("RateLimits__PortalKey", "fifteen-letters")]
    public async Task A_setting_that_cannot_be_is_refused_at_start_by_its_name(string name, string value)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((name, value)));
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_that_is_away_is_shown_as_degraded_and_traffic_may_come()
    {
        await using var service = await StartAsync(TimeProvider.System, Development, ("ConnectionStrings__redis", "127.0.0.1:1,password=none"));
        // It is waited for for one of the two seconds that a probe has in all.
        using var response = await Eventually.GetAsync(_ => service.Http.GetAsync("/health", Ct), response => response.IsSuccessStatusCode, Ct);
        Assert.Equal("degraded", (await response.JsonAsync()).GetProperty("checks").GetProperty("redis").GetString());
    }

    private static string Unix(int seconds) => new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero)
        .AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static (int, string, string, string) Seen(HttpResponseMessage answer) =>
        ((int)answer.StatusCode, Header(answer, "Limit"), Header(answer, "Remaining"), Header(answer, "Reset"));

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues($"X-RateLimit-{name}").Single();

    private static async Task<HttpResponseMessage> GetAsync(TestService service, string path, string user, string key = "", string? portalKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("user", user);
        if (portalKey is not null) request.Headers.Add("X-Portal-Key", portalKey);
        if (key.Length > 0) request.Headers.Add("X-API-Key", key);
        return await service.Http.SendAsync(request, Ct);
    }

    private Task<TestService> StartAsync(params (string Name, string Value)[] settings) => StartAsync(_clock, Development, settings);

    private static Task<TestService> StartAsync(
        TimeProvider clock, string environment, params (string Name, string Value)[] settings) => TestService.StartAsync(
        app =>
        {
            // Whoever says to be a user is one here.
            app.Use((context, next) =>
            {
                var id = context.Request.Headers["user"].ToString() is { Length: > 0 } user ? user : "0";
                context.User = new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, id)], "said"));
                return next(context);
            });
            var api = app.MapGroup("/api").LimitedBy(RateLimitPolicy.Global);
            api.MapGet("/balance", () => "much").LimitedBy(RateLimitPolicy.Balance);
            api.MapGet("/other", () => "other");
            api.MapGet("/fails", string () => throw new InvalidOperationException("half-way"));
            app.MapGet("/free", () => "free");
        },
        builder =>
        {
            builder.Services.AddSingleton(clock);
            builder.AddRateLimits();
        },
        environment,
        settings.Append(("RateLimits__Balance__Limit", "2")).Select(setting => KeyValuePair.Create(setting.Item1, setting.Item2)));
}
