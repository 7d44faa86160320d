using System.Net;
using Microsoft.Extensions.Time.Testing;
using Portal.Web.FrontDoor;

namespace Portal.Web.Tests;

public sealed class HomeAndHealthTests
{
    [Fact]
    public async Task Home_says_that_it_is_up_what_time_it_is_and_where_things_are()
    {
        await using var door = Tests.FrontDoor.Open(clock: new FakeTimeProvider(new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero)));

        using var response = await door.GetAsync("/");
        var home = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["status", "current_time", "message", "version", "docs", "endpoints"], home.EnumerateObject().Select(member => member.Name));
        Assert.Equal("HEALTHY", home.GetProperty("status").GetString());
        Assert.Equal("2026-01-15T10:30:00Z", home.GetProperty("current_time").GetString());
        Assert.Equal("AspireWebhooks", home.GetProperty("message").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", home.GetProperty("version").GetString());
        Assert.Equal("/docs", home.GetProperty("docs").GetString());
        Assert.Contains("POST /v1/webhooks/transactions", home.GetProperty("endpoints").EnumerateObject().Select(endpoint => endpoint.Value.GetString()));
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 302), InlineData("text/html, */*", 302), InlineData("*/*", 200)]
    [InlineData(null, 200), InlineData("application/json", 200), InlineData("application/json, text/html;q=0.9", 200), InlineData("text/html;q=0", 200)]
    [InlineData("nonsense", 200)]
    public async Task A_browser_is_led_to_the_portal_and_a_program_gets_json(string? accept, int status)
    {
        await using var door = Tests.FrontDoor.Open();

        using var response = await door.GetAsync("/", accept is null ? [] : [("Accept", accept)]);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(["Accept"], response.Headers.Vary);
        Assert.Equal(status == 302 ? "/account" : null, response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Home_lists_every_path_there_is()
    {
        await using var door = Tests.FrontDoor.Open();

        using var response = await door.GetAsync("/");
        var listed = (await response.JsonAsync()).GetProperty("endpoints").EnumerateObject().Select(endpoint => endpoint.Value.GetString()!).ToList();

        Assert.Empty(Routes.Table.Select(route => $"{route.Methods[0]} {route.Path}").Except(listed));
        foreach (var own in listed.Where(endpoint => endpoint.StartsWith("GET ", StringComparison.Ordinal))
            .Except(Routes.Table.Select(route => $"GET {route.Path}")))
        {
            using var answer = await door.GetAsync(own["GET ".Length..]);
            Assert.NotEqual(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/", 200), InlineData("/health", 503), InlineData("/alive", 200), InlineData("/docs", 301), InlineData("/docs/index.html", 200)]
    [InlineData("/docs/index.js", 200), InlineData("/docs/swagger-ui.css", 200), InlineData("/openapi/portal.json", 200), InlineData("/favicon.ico", 200)]
    public async Task HEAD_is_answered_as_GET_is_without_a_body(string path, int status)
    {
        await using var door = Tests.FrontDoor.Open();

        using var get = await door.GetAsync(path);
        using var head = await door.SendAsync(HttpMethod.Head, path);

        Assert.Equal((status, status), ((int)get.StatusCode, (int)head.StatusCode));
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal("", await head.TextAsync());
    }

    [Fact]
    public async Task A_browser_finds_an_icon()
    {
        await using var door = Tests.FrontDoor.Open();

        using var icon = await door.GetAsync("/favicon.ico");

        Assert.Equal((HttpStatusCode.OK, "image/svg+xml"), (icon.StatusCode, icon.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith("<svg", await icon.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_when_all_are_ready()
    {
        await using var backend = await Backend.StartAsync("any");
        await using var door = Tests.FrontDoor.Open(backend.Address, backend.Address, backend.Address, new FakeTimeProvider());

        Assert.Equal((200, "healthy", "healthy healthy healthy"), await Health(door));
        Assert.All(backend.Requests, received => Assert.Equal("/health", received.Target));
    }

    [Fact]
    public async Task One_part_away_degrades_the_door_and_does_not_close_it()
    {
        await using var backend = await Backend.StartAsync("any");
        await using var door = Tests.FrontDoor.Open(backend.Address, Tests.FrontDoor.Nowhere, backend.Address, new FakeTimeProvider());

        Assert.Equal((200, "healthy", "healthy degraded healthy"), await Health(door));
    }

    [Fact]
    public async Task Parts_that_answer_that_they_are_not_ready_degrade_the_door_and_do_not_close_it()
    {
        await using var backend = await Backend.StartAsync("any", context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var door = Tests.FrontDoor.Open(backend.Address, backend.Address, backend.Address, new FakeTimeProvider());

        Assert.Equal((200, "healthy", "degraded degraded degraded"), await Health(door));
    }

    [Fact]
    public async Task Unready_when_none_of_them_answers_and_alive_all_the_same()
    {
        await using var door = Tests.FrontDoor.Open();

        Assert.Equal((503, "unhealthy", "unhealthy unhealthy unhealthy"), await Health(door));
        using var alive = await door.GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    private static async Task<(int Status, string? Word, string Checks)> Health(Tests.FrontDoor door)
    {
        using var response = await door.GetAsync("/health");
        var health = await response.JsonAsync();
        Assert.Equal(["ingest-api", "query-api", "processor-worker"], health.GetProperty("checks").EnumerateObject().Select(check => check.Name));
        return (
            (int)response.StatusCode,
            health.GetProperty("status").GetString(),
            string.Join(' ', health.GetProperty("checks").EnumerateObject().Select(check => check.Value.GetString())));
    }
}
