using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalHosting.Processes;

namespace LocalHosting.Tests.Running;

/// <summary>The sample host's own table, started by its own top-level code inside this process.</summary>
public sealed class TestingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resources_get_the_environment_Aspire_gives_them()
    {
        await using var app = await StartAsync("--KAFKA_HOME=", "--LocalHosting:Topics:0=orders", "--Parameters:processing-delay=00:00:01");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("second", Ct);

        var first = await EnvironmentAsync(app, "first");
        Assert.Equal(await app.GetConnectionStringAsync("webhooks", Ct), first["ConnectionStrings__webhooks"]);
        Assert.Matches(@"^Host=127\.0\.0\.1;Port=\d+;Username=postgres;Password=\w+;Database=webhooks$", first["ConnectionStrings__webhooks"]);
        Assert.Equal(await app.GetConnectionStringAsync("broker", Ct), first["ConnectionStrings__broker"]);
        Assert.Equal("Range", first["Aspire__Confluent__Kafka__Consumer__Config__PartitionAssignmentStrategy"]);
        Assert.Equal("6000", first["Aspire__Confluent__Kafka__Consumer__Config__SessionTimeoutMs"]);
        Assert.Equal("00:00:01", first["Processing__Delay"]);
        Assert.Equal("first", first["OTEL_SERVICE_NAME"]);
        Assert.Matches("service.instance.id=first-", first["OTEL_RESOURCE_ATTRIBUTES"]);

        var second = await EnvironmentAsync(app, "second");
        var url = app.GetEndpoint("first", "http").ToString().TrimEnd('/');
        Assert.NotEqual(8000, new Uri(url).Port);
        Assert.Equal(url, second["services__first__http__0"]);
        Assert.Equal(url, second["First__Url"]);
        Assert.Equal(second["ASPNETCORE_URLS"], $"http://127.0.0.1:{second["MY_PORT"]}");
        Assert.False(second.ContainsKey("ConnectionStrings__webhooks"));
        Assert.Equal(2, app.ProcessIds("second").Count);
    }

    [Fact]
    public async Task A_killed_resource_is_unhealthy_until_it_is_started_again()
    {
        await using var app = await StartAsync("--table=port");
        await app.ResourceNotifications.WaitForResourceHealthyAsync("web", Ct);
        var pid = Assert.Single(app.ProcessIds("web"));

        _ = Posix.Kill(pid, Posix.SigKill);
        await app.WaitForExitAsync("web", Ct);
        Assert.Empty(app.ProcessIds("web"));
        await app.StartAgainAsync("web", Ct);

        Assert.NotEqual(pid, Assert.Single(app.ProcessIds("web")));
        using var http = app.CreateHttpClient("web", "http");
        Assert.True((await http.GetAsync(new Uri("/health", UriKind.Relative), Ct)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Waiting_for_a_resource_that_dies_throws_its_last_lines()
    {
        await using var app = await StartAsync("--table=dies");

        var death = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("ill", Ct));
        Assert.Contains("exit code 3", death.Message);
        Assert.Contains("    line 25", death.Message);
    }

    [Fact]
    public async Task Dispose_leaves_no_process_and_no_folder()
    {
        int[] pids;
        await using (var app = await StartAsync("--table=stubborn"))
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync("webhooks", Ct);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("web", Ct);
            pids = [.. app.ProcessIds("postgres"), .. app.ProcessIds("web"), .. app.ProcessIds("script")];
            Assert.Equal(3, pids.Length);
        }
        Assert.DoesNotContain(pids, Posix.IsAlive);
    }

    private static async Task<DistributedApplication> StartAsync(params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<SampleHost.Probe>(args, Ct);
        var app = await builder.BuildAsync(Ct);
        await app.StartAsync(Ct);
        return app;
    }

    private static async Task<Dictionary<string, string>> EnvironmentAsync(DistributedApplication app, string resource)
    {
        using var http = app.CreateHttpClient(resource, "http");
        return (await http.GetFromJsonAsync<Dictionary<string, string>>(new Uri("/environment", UriKind.Relative), Ct))!;
    }
}
