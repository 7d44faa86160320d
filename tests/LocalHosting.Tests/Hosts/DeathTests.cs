using LocalHosting.Servers;
using Support;

namespace LocalHosting.Tests.Hosts;

/// <summary>
/// What an AppHost does and says when something dies, and what it leaves when it ends. Each start is used for several promises: it takes 10 s of processor.
/// What SIGTERM leaves of servers is <see cref="AppHostTests"/>'.
/// </summary>
[Trait("Kafka", "yes")]
public sealed class DeathTests
{
    [Fact]
    public async Task Services_and_servers_that_die_are_started_again_a_second_AppHost_is_told_who_has_the_data_and_kill_9_leaves_nothing()
    {
        using var data = new DataFolder();
        await using var host = Hosts.Start("servers", data.Arg);
        await host.LinesAsync("^postgres ready", "^redis ready", "^broker ready", "^service ready", "^parent ready", "^webhooks ready");

        // One after the other, so that each line is the next one's.
        await KillAsync(await Hosts.ServiceAsync(host), "service");
        await KillAsync(host.PidOf("postgres"), "postgres");
        await KillAsync(host.PidOf("redis-server"), "redis");
        await KillAsync(host.Alive.Single(pid => Hosts.IsBroker(pid)), "broker");

        await SecondIsToldAsync(data, $"PostgreSQL's data in .* are in use by another AppHost, process {host.Id}\\. .*--DataFolder=");

        Assert.True(host.Alive.Count > 8, "servers, services and Aspire's own");
        host.Signal(Posix.Kill);
        await host.NothingLeftAsync();

        async Task KillAsync(int pid, string resource)
        {
            Posix.Signal(pid, Posix.Kill);
            await host.LinesAsync($"^{resource}(-process)? died with exit code .*, and is started again", $"^{resource} ready");
        }
    }

    [Fact]
    public async Task What_dies_at_its_start_or_again_and_again_stays_down_and_says_why_and_Ctrl_C_leaves_nothing()
    {
        using var data = new DataFolder();
        await using var host = Hosts.Start("deaths", data.Arg);
        await host.LinesAsync(
            "^ill died with exit code 3 before it was ready", "^    .*line 25$",
            "^migrations died with exit code 4 before it was ready", "^    .*no such table$", "^service ready", "^broker ready");
        Assert.Matches("\n    .*line 6\n", host.Output);
        Assert.DoesNotMatch("\n    .*line 5\n", host.Output);

        // Five times it comes back. More of them where the machine is so slow that a minute is over meanwhile.
        var restarts = 0;
        while (await KillAsync()) restarts++;

        Assert.InRange(restarts, 5, int.MaxValue);
        Assert.DoesNotMatch("(?m)^(waits|after|ill) ready|^(ill|migrations) .*is started again", host.Output);
        host.Signal(Posix.Int);
        Assert.Equal(0, await host.ExitAsync());
        Assert.DoesNotContain("TaskCanceledException", host.Output);
        await host.NothingLeftAsync();

        async Task<bool> KillAsync()
        {
            Posix.Signal(await Hosts.ServiceAsync(host), Posix.Kill);
            var said = await host.LineAsync("^service died with exit code .*(, and is started again|, for the sixth time in a minute, and stays down)");
            if (said.Contains("stays down", StringComparison.Ordinal)) return false;
            await host.LineAsync("^service ready");
            return true;
        }
    }

    private static async Task SecondIsToldAsync(DataFolder data, string what)
    {
        await using var second = Hosts.Start("database", data.Arg);
        await second.LineAsync(what);
        second.Signal(Posix.Term);
        Assert.Equal(0, await second.ExitAsync());
        await second.NothingLeftAsync();
    }
}

/// <summary>The sample AppHost, started in a way that suits these tests.</summary>
internal static class Hosts
{
    /// <summary>Starts one of SampleHost's tables; on the Kafka that the tests have.</summary>
    public static Watched Start(string table, params string[] arguments)
    {
        var home = KafkaHome.Find(Environment.GetEnvironmentVariable("KAFKA_HOME"), AppContext.BaseDirectory);
        string[] kafka = home is null ? [] : [$"--KAFKA_HOME={home}"];
        return Watched.Start(
            Programs.SampleHost, [$"--table={table}", "--Servers=processes", .. kafka, .. arguments],
            new() { ["DOTNET_ENVIRONMENT"] = "Development" }, Path.GetDirectoryName(Programs.SampleHost));
    }

    /// <summary>The process of the resource <c>service</c>, which no other's resembles. It is called ready when its shell has been started.</summary>
    public static Task<int> ServiceAsync(Watched host) => Eventually.GetAsync(
        _ => Task.FromResult(host.Alive.SingleOrDefault(pid => Watched.CommandLine(pid) is ["sleep", "1001"])), pid => pid != 0,
        TestContext.Current.CancellationToken);

    /// <summary>Whether this is a broker, of either kind.</summary>
    public static bool IsBroker(int pid) => Watched.CommandLine(pid) is [var program, .. var arguments]
        && (Path.GetFileName(program) == "LocalHosting.EmbeddedKafka" || (Path.GetFileName(program) == "java" && arguments.Contains("kafka.Kafka")));
}
