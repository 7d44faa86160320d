using LocalHosting.Servers;

namespace LocalHosting.Tests.Servers;

/// <summary>A server that a test started is gone with the test, however that ends.</summary>
[Trait("Kafka", "yes")]
public sealed class LeftoverTests
{
    [Theory]
    [InlineData(Posix.Kill, "postgres", "redis", "kafka")]
    [InlineData(Posix.Term, "postgres")]
    public async Task Nothing_is_left_of_servers_whose_starter_is_gone(int signal, params string[] servers)
    {
        var home = KafkaHome.Find(Environment.GetEnvironmentVariable("KAFKA_HOME"), AppContext.BaseDirectory);
        using var data = new DataFolder(); // Nobody else deletes what its servers leave.
        Directory.CreateDirectory(data.Path);
        await using var probe = Watched.Start(Programs.Probe, servers, new() { ["TMPDIR"] = data.Path, ["KAFKA_HOME"] = home ?? "" });
        foreach (var server in servers) await probe.LineAsync($"^{server} listens at ");
        Assert.True(probe.Alive.Count > servers.Length);

        probe.Signal(signal);

        await probe.NothingLeftAsync();
    }
}
