using LocalHosting.Servers;

namespace LocalHosting.Tests.Servers;

/// <summary>A server that a test started is gone with the test, however that ends.</summary>
[Trait("Kafka", "yes")]
public sealed class LeftoverTests
{
    [Theory]
    [InlineData("postgres", Posix.Kill)]
    [InlineData("redis", Posix.Kill)]
    [InlineData("kafka", Posix.Kill)]
    [InlineData("postgres", Posix.Term)]
    public async Task Nothing_is_left_of_a_server_whose_starter_is_gone(string server, int signal)
    {
        var home = KafkaHome.Find(Environment.GetEnvironmentVariable("KAFKA_HOME"), AppContext.BaseDirectory);
        await using var probe = Watched.Start(Programs.Probe, [server], home is null ? null : new() { ["KAFKA_HOME"] = home });
        await probe.LineAsync("^listens at ");
        Assert.True(probe.Alive.Count > 1);

        probe.Signal(signal);

        await probe.NothingLeftAsync();
    }
}
