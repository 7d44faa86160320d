using LocalHosting.Processes;
using Support;

namespace LocalHosting.Tests.Running;

public sealed class DeathTests
{
    [Fact]
    public async Task A_resource_that_dies_at_start_shows_its_last_lines_and_takes_the_rest_down()
    {
        await using var host = new HostProcess("dies");

        Assert.Equal(1, await host.ExitAsync());

        var failure = host.Output[host.Output.IndexOf("ill died with exit code 3", StringComparison.Ordinal)..];
        Assert.Contains("    line 6\n", failure);
        Assert.Contains("    line 25\n", failure);
        Assert.DoesNotContain("    line 5\n", failure);
        Assert.DoesNotContain("Ready in", host.Output);
        await host.NothingLeftAsync();
    }

    [Fact]
    public async Task A_resource_that_dies_later_is_started_again_and_that_is_said()
    {
        await using var host = new HostProcess("port");
        var url = (await host.LineAsync(@"^web\s+ready")).Split(' ')[^1];
        await host.ReadyAsync();

        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"{url}/crash"), TestContext.Current.CancellationToken));

        await host.LineAsync("web died with exit code 7");
        await host.LineAsync("web is started again");
        await Eventually.TrueAsync(
            async stop => (await http.GetAsync(new Uri($"{url}/health"), stop)).IsSuccessStatusCode, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_resource_that_dies_again_and_again_takes_the_rest_down()
    {
        await using var host = new HostProcess("port");
        var url = (await host.LineAsync(@"^web\s+ready")).Split(' ')[^1];
        await host.ReadyAsync();

        using var http = new HttpClient();
        var exit = host.ExitAsync();
        await Eventually.TrueAsync(
            async stop =>
            {
                await Task.WhenAny(http.GetAsync(new Uri($"{url}/crash"), stop));
                return exit.IsCompleted;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(1, await exit);
        await host.NothingLeftAsync();
    }

    [Fact]
    public async Task The_embedded_broker_cannot_come_back_so_its_death_takes_the_rest_down()
    {
        await using var host = new HostProcess("broker", "--KAFKA_HOME=");
        await host.ReadyAsync();

        var broker = host.Alive.Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("EmbeddedKafka", StringComparison.Ordinal));
        _ = Posix.Kill(broker, Posix.SigKill);

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("broker died", host.Output);
        await host.NothingLeftAsync();
    }

    [Fact]
    public async Task PostgreSQL_that_dies_is_started_again_on_its_data()
    {
        using var data = new DataFolder();
        await using var host = new HostProcess("database", data.Arg);
        await host.ReadyAsync();

        _ = Posix.Kill(int.Parse(File.ReadLines(Path.Combine(data.Postgres, "data", "postmaster.pid")).First()), Posix.SigKill);

        await host.LinesAsync("postgres is started again", @"^postgres\s+ready after");
    }

    [Fact]
    public async Task Redis_that_dies_is_started_again()
    {
        await using var host = new HostProcess("limits");
        await host.ReadyAsync();

        var server = host.Alive.Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("redis-server", StringComparison.Ordinal));
        _ = Posix.Kill(server, Posix.SigKill);

        await host.LinesAsync("redis is started again", @"^redis\s+ready after");
    }

    [Fact]
    public async Task Real_Kafka_that_dies_is_started_again()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")))
            Assert.Skip("KAFKA_HOME is not set: the folder of a real Kafka, such as ../shared/kafka.");
        await using var host = new HostProcess("broker");
        await host.ReadyAsync();

        var broker = host.Alive.Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains("kafka.Kafka", StringComparison.Ordinal));
        _ = Posix.Kill(broker, Posix.SigKill);

        await host.LinesAsync("broker is started again", @"^broker\s+ready after");
    }

    [Fact]
    public async Task A_completion_that_is_waited_for_and_fails_fails_the_start()
    {
        await using var host = new HostProcess("fails-once");

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("migrations died with exit code 4", host.Output);
        Assert.Contains("    no such table", host.Output);
        Assert.DoesNotContain("after runs", host.Output);
        await host.NothingLeftAsync();
    }

    [Theory]
    [InlineData(Posix.SigInt)]
    [InlineData(Posix.SigTerm)]
    public async Task Ctrl_C_and_SIGTERM_stop_everything_in_order_and_leave_nothing(int signal)
    {
        await using var host = new HostProcess("stubborn");
        await host.ReadyAsync();
        Assert.True(host.Alive.Count > 3);

        host.Signal(signal);

        Assert.Equal(0, await host.ExitAsync());
        Assert.Contains("Stopped; no process is left.", host.Output);
        await host.NothingLeftAsync();
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), $"aspire-webhooks-{host.Id}-*"));
    }

    [Fact]
    public async Task Kill_9_of_the_host_leaves_no_orphan()
    {
        using var data = new DataFolder();
        using var ports = new LocalHosting.Running.Ports();
        await using var host = new HostProcess("services", data.Arg, $"--LocalHosting:Ports:first={ports.Free()}");
        await host.ReadyAsync();
        Assert.True(host.Alive.Count >= 6);

        host.Signal(Posix.SigKill);

        await host.NothingLeftAsync();
    }

    [Fact]
    public async Task The_host_ends_when_the_dotnet_run_above_it_is_killed()
    {
        // A shell that calls itself `dotnet ... run`, with the host below it.
        await using var host = HostProcess.Below("exec -a dotnet bash -c '\"$@\" & wait' run \"$@\"", "stubborn");
        await host.ReadyAsync();

        host.Signal(Posix.SigKill);

        await host.LineAsync("Stopping .*`dotnet run` is gone");
        await host.NothingLeftAsync();
    }

    [Fact]
    public async Task A_child_is_in_a_session_of_its_own_so_that_the_terminals_Ctrl_C_does_not_reach_it()
    {
        await using var host = new HostProcess("port");
        await host.ReadyAsync();

        foreach (var child in host.Alive.Where(pid => pid != host.Id))
        {
            var fields = (await File.ReadAllTextAsync($"/proc/{child}/stat", TestContext.Current.CancellationToken)).Split(' ');
            Assert.NotEqual(Session(host.Id), fields[5]);
        }

        static string Session(int pid) => File.ReadAllText($"/proc/{pid}/stat").Split(' ')[5];
    }
}
