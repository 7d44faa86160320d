using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Authentication;
using ServiceDefaults.Problems;
using ServiceDefaults.RateLimits;
using Support;

namespace ServiceDefaults.Tests.RateLimits;

public sealed class AuthFailuresTests(RedisServer redis)
{
    private const string Ordinary = "k-0123456789abcdefABCDEF", Admin = "admin-0123456789abcdef", Alice = "ak_alice";

    private readonly FakeClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/closed", "X-API-Key", "wrong-key-0123456789", Ordinary)]
    [InlineData("/admin", "X-API-Key", "wrong-key-0123456789", Admin)]
    [InlineData("/mine", "X-API-Key", "ak_nobody", Alice)]
    [InlineData("/mine", "Authorization", "Bearer a.b.c", "Bearer " + Alice)]
    [InlineData("/signed", "signature", "wrong", "right")]
    public async Task What_fails_verification_is_limited_by_its_address_and_what_does_not_is_accepted_from_there_at_any_time(
        string path, string header, string wrong, string right)
    {
        await using var service = await StartAsync(_clock);
        for (var i = 0; i < 3; i++) Assert.Equal(401, (int)(await AskAsync(service, path, header, wrong)).StatusCode);

        var refused = await AskAsync(service, path, header, wrong);

        Assert.Equal((429, "3", "0"), ((int)refused.StatusCode, Header(refused, "X-RateLimit-Limit"), Header(refused, "X-RateLimit-Remaining")));
        Assert.Equal(Unix(60), Header(refused, "X-RateLimit-Reset"));
        Assert.Equal((TimeSpan.FromMinutes(1), 0), (refused.Headers.RetryAfter!.Delta, refused.Headers.WwwAuthenticate.Count));
        Assert.Equal("rate_limited", (await refused.ProblemAsync()).GetProperty("error").GetString());
        Assert.Equal(200, (int)(await AskAsync(service, path, header, right)).StatusCode);
        Assert.Equal(401, (int)(await AskAsync(service, path, header, wrong, address: "192.0.2.2")).StatusCode);
    }

    [Fact]
    public async Task All_kinds_of_credentials_are_counted_in_one_window_until_it_is_over()
    {
        await using var service = await StartAsync(_clock);
        Assert.Equal(401, (int)(await AskAsync(service, "/closed", "X-API-Key", "wrong-key-0123456789")).StatusCode);
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(401, (int)(await AskAsync(service, "/mine", "X-API-Key", "ak_nobody")).StatusCode);
        Assert.Equal(401, (int)(await AskAsync(service, "/signed", "signature", "")).StatusCode);

        foreach (var seconds in (int[])[40, 15])
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), (await AskAsync(service, "/admin", "X-API-Key", Alice + "x")).Headers.RetryAfter?.Delta);
            _clock.Advance(TimeSpan.FromSeconds(25));
        }

        // The first has left the window.
        Assert.Equal(401, (int)(await AskAsync(service, "/closed", "X-API-Key", "wrong-key-0123456789")).StatusCode);
        Assert.Equal(429, (int)(await AskAsync(service, "/closed", "X-API-Key", "wrong-key-0123456789")).StatusCode);
    }

    [Theory]
    [InlineData("/closed")]
    [InlineData("/admin")]
    [InlineData("/mine")]
    public async Task To_ask_without_a_credential_is_not_counted(string path)
    {
        await using var service = await StartAsync(_clock);
        for (var i = 0; i < 10; i++) Assert.Equal(401, (int)(await AskAsync(service, path)).StatusCode);
    }

    [Fact]
    public async Task Two_instances_count_together()
    {
        await using var one = await StartAsync(TimeProvider.System, redis.ConnectionString);
        await using var other = await StartAsync(TimeProvider.System, redis.ConnectionString);
        foreach (var service in (TestService[])[one, other]) await LimiterInstance.ConnectedAsync(service.Services);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(i => AskAsync(i % 2 == 0 ? one : other, "/closed", "X-API-Key", "wrong-key-0123456789", "192.0.2.40")));

        Assert.Equal((3, 37), (answers.Count(answer => (int)answer.StatusCode == 401), answers.Count(answer => (int)answer.StatusCode == 429)));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_flood_from_a_refused_address_does_not_reach_Redis()
    {
        var parts = redis.ConnectionString.Split(',', 2);
        await using var cable = new Cable(parts[0].Split(':')[0], int.Parse(parts[0].Split(':')[1], CultureInfo.InvariantCulture));
        await using var service = await StartAsync(new FakeClock(), $"127.0.0.1:{cable.Port},{parts[1]}");
        await LimiterInstance.ConnectedAsync(service.Services);
        for (var i = 0; i < 4; i++) await AskAsync(service, "/closed", "X-API-Key", "wrong-key-0123456789", "192.0.2.41");

        // The clock stands: whoever asked Redis now would wait for ever.
        cable.Block();
        for (var i = 0; i < 10; i++) Assert.Equal(429, (int)(await AskAsync(service, "/closed", "X-API-Key", "wrong-key-0123456789", "192.0.2.41")).StatusCode);
        Assert.Equal(200, (int)(await AskAsync(service, "/closed", "X-API-Key", Ordinary, "192.0.2.41")).StatusCode);
        cable.Unblock();
    }

    [Fact]
    public async Task Turned_off_nothing_is_counted()
    {
        await using var service = await StartAsync(_clock, settings: ("RateLimits__Enabled", "false"));
        for (var i = 0; i < 10; i++) Assert.Equal(401, (int)(await AskAsync(service, "/closed", "X-API-Key", "wrong-key-0123456789")).StatusCode);
    }

    private static string Unix(int seconds) =>
        new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero).AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    private static async Task<HttpResponseMessage> AskAsync(
        TestService service, string path, string? header = null, string value = "", string address = "192.0.2.1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Forwarded-For", address } } };
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);
        return await service.Http.SendAsync(request, Ct);
    }

    private static Task<TestService> StartAsync(
        TimeProvider clock, string? redis = null, params (string Name, string Value)[] settings) => TestService.StartAsync(
        app =>
        {
            app.MapGet("/closed", () => "in").RequireApiKey(app.Services);
            app.MapGet("/admin", () => "in").RequireAdminKey();
            app.MapGet("/mine", () => "in").RequireUser();
            app.MapGet("/signed", async (HttpContext context, AuthFailures failures) => context.Request.Headers["signature"] == "right"
                ? Results.Ok()
                : await failures.AnswerAsync(context, new Problem(401, "invalid_signature", "Not signed.")));
        },
        builder =>
        {
            builder.Services.AddSingleton(clock);
            builder.Services.AddSingleton(new Authentication.UserTests.Users(key => key == Alice ? (1, false) : null));
            builder.AddUserAuthentication<Authentication.UserTests.Users>((users, key, _) => Task.FromResult(users.Find(key)));
            builder.AddRateLimits();
        },
        settings:
        [
            new("Auth__ApiKeys__0", Ordinary), new("Auth__AdminKeys__0", Admin), new("RateLimits__AuthFailures__Limit", "3"),
            new("ConnectionStrings__redis", redis ?? ""), new("RateLimits__RedisTimeout", "00:00:10"),
            .. settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)),
        ]);
}
