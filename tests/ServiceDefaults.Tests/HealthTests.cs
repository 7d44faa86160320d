using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Support;

namespace ServiceDefaults.Tests;

public class HealthTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_when_every_dependency_answers()
    {
        await using var service = await StartAsync(checks => checks.AddCheck("Database", () => HealthCheckResult.Healthy()));
        using var response = await service.Http.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"status":"healthy","service":"servicedefaults.tests","checks":{"database":"healthy"}}""",
            await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task Not_ready_when_one_does_not_and_nothing_internal_is_told()
    {
        await using var service = await StartAsync(checks => checks
            .AddCheck("database", () => throw new InvalidOperationException("Password=hunter2"))
            .AddCheck("broker", () => HealthCheckResult.Healthy("10.0.0.7:9092")));
        using var response = await service.Http.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(
            """{"status":"unhealthy","service":"servicedefaults.tests","checks":{"database":"unhealthy","broker":"healthy"}}""",
            await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task Ready_though_a_dependency_is_degraded_which_work_goes_on_without()
    {
        await using var service = await StartAsync(checks => checks.AddCheck("broker", () => HealthCheckResult.Degraded()));
        using var response = await service.Http.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var health = await response.JsonAsync();
        Assert.Equal(("healthy", "degraded"), (health.GetProperty("status").GetString(), health.GetProperty("checks").GetProperty("broker").GetString()));
    }

    [Theory(Timeout = 30_000), InlineData(true), InlineData(false)]
    public async Task A_dependency_that_does_not_answer_in_time_is_named_and_hides_no_other(bool listensToItsToken)
    {
        var clock = new FakeClock();
        await using var service = await StartAsync(
            checks =>
            {
                checks.AddCheck("database", () => HealthCheckResult.Healthy()).AddCheck("broker", () => HealthCheckResult.Healthy());
                checks.Services.AddSingleton<HealthCheckService>(new AllButTheDatabaseAnswer(listensToItsToken));
            },
            clock);

        var asked = service.Http.GetAsync("/health", Cancelled);
        await clock.WaitForTimersAsync(1, Cancelled);
        clock.Advance(TimeSpan.FromSeconds(2));
        using var response = await asked;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var checks = (await response.JsonAsync()).GetProperty("checks");
        Assert.Equal(("unhealthy", "healthy"), (checks.GetProperty("database").GetString(), checks.GetProperty("broker").GetString()));
    }

    [Fact]
    public async Task Alive_asks_no_dependency()
    {
        await using var service = await StartAsync(checks => checks.AddCheck("database", () => HealthCheckResult.Unhealthy()));
        using var response = await service.Http.GetAsync("/alive", Cancelled);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"status":"healthy","service":"servicedefaults.tests","checks":{}}""", await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Theory, InlineData("/health"), InlineData("/alive")]
    public async Task A_probe_needs_no_key(string path)
    {
        await using var service = await TestService.StartAsync(environment: "Production", settings: [new("Auth__ApiKeys__0", "0123456789abcdef")]);
        using var response = await service.Http.GetAsync(path, Cancelled);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<TestService> StartAsync(Action<IHealthChecksBuilder> add, TimeProvider? clock = null) => TestService.StartAsync(configure: builder =>
    {
        builder.Services.AddSingleton(clock ?? new FakeClock()); // Nobody's time is over unless a test says so.
        add(builder.Services.AddHealthChecks());
    });

    /// <summary>
    /// Asked for the database it never answers; asked for another it has answered before it returns, so that it cannot matter
    /// whether the time is over before, while or after it is asked. (ASP.NET Core's own hands each check to another thread.)
    /// </summary>
    private sealed class AllButTheDatabaseAnswer(bool listensToItsToken) : HealthCheckService
    {
        private static readonly HealthCheckRegistration Database = new("database", _ => throw new NotSupportedException(), null, null);

        public override Task<HealthReport> CheckHealthAsync(Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default) =>
            predicate?.Invoke(Database) is true
                ? new TaskCompletionSource<HealthReport>().Task.WaitAsync(listensToItsToken ? cancellationToken : CancellationToken.None)
                : Task.FromResult(new HealthReport(new Dictionary<string, HealthReportEntry>(), HealthStatus.Healthy, TimeSpan.Zero));
    }
}
