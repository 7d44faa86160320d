using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Support;

namespace ServiceDefaults.Tests.Stopping;

/// <summary>A service that is stopped says so before it takes no more connections.</summary>
public sealed class DrainTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task It_is_not_ready_serves_on_and_ends_connections_until_its_time_is_over()
    {
        var clock = new FakeClock();
        await using var service = await StartAsync("00:00:05", clock);
        using var before = await service.Http.GetAsync("/orders", Cancelled);
        Assert.NotEqual(true, before.Headers.ConnectionClose);

        var stopped = service.Services.GetRequiredService<IHost>().StopAsync(Cancelled);
        await clock.WaitForTimersAsync(1, Cancelled);

        using var health = await service.Http.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("unhealthy", (await health.JsonAsync()).GetProperty("checks").GetProperty("stopping").GetString());
        using var alive = await service.Http.GetAsync("/alive", Cancelled);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        using var order = await service.Http.GetAsync("/orders", Cancelled);
        Assert.Equal((HttpStatusCode.OK, true), (order.StatusCode, order.Headers.ConnectionClose));
        using var fault = await service.Http.GetAsync("/fault", Cancelled);
        Assert.Equal((HttpStatusCode.InternalServerError, true), (fault.StatusCode, fault.Headers.ConnectionClose));

        clock.Advance(TimeSpan.FromSeconds(5));
        await stopped;
        await Assert.ThrowsAsync<HttpRequestException>(() => service.Http.GetAsync("/orders", Cancelled));
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_the_setting_it_stops_at_once()
    {
        await using var service = await StartAsync("00:00:00", new FakeClock());
        await service.Services.GetRequiredService<IHost>().StopAsync(Cancelled);
        await Assert.ThrowsAsync<HttpRequestException>(() => service.Http.GetAsync("/orders", Cancelled));
    }

    [Fact]
    public async Task The_hosts_limit_leaves_what_comes_after_it_its_whole_time()
    {
        await using var service = await StartAsync("00:00:05", new FakeClock());
        Assert.Equal(TimeSpan.FromSeconds(35), service.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Theory, InlineData("-00:00:01"), InlineData("00:01:01")]
    public async Task A_time_that_cannot_be_meant_is_refused(string drain)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(drain, new FakeClock()));
        Assert.Contains("Stopping__Drain", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<TestService> StartAsync(string drain, TimeProvider clock) => TestService.StartAsync(
        app =>
        {
            app.MapGet("/orders", () => "none");
            app.MapGet("/fault", string () => throw new InvalidOperationException("fault"));
        },
        builder => builder.Services.AddSingleton(clock),
        settings: [new("Stopping__Drain", drain)]);
}
