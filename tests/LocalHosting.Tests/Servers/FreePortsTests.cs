using LocalHosting.Servers;

namespace LocalHosting.Tests.Servers;

public sealed class FreePortsTests
{
    [Fact]
    public void No_port_is_given_to_two()
    {
        using var ports = new FreePorts();

        Assert.Distinct(Enumerable.Range(0, 500).Select(_ => ports.Next()));
    }

    [Fact]
    public void No_port_is_given_to_two_runs_and_when_they_are_over_others_get_theirs()
    {
        // Each takes three hundreds of the 120 there are: without an end they would be used up in the fifth round.
        for (var again = 0; again < 5; again++)
        {
            var runs = Enumerable.Range(0, 10).Select(_ => new FreePorts()).ToList();
            Assert.Distinct(runs.SelectMany(ports => Enumerable.Range(0, 250).Select(_ => ports.Next())));
            runs.ForEach(ports => ports.Dispose());
        }
    }

    [Fact]
    public void AppHosts_that_start_together_pick_from_different_ports()
    {
        using var ports = new FreePorts();
        var ranges = Enumerable.Range(0, 5).Select(_ => ports.Range().Select(argument => int.Parse(argument.Split('=')[1])).ToArray()).ToList();

        Assert.All(ranges, range => Assert.Equal(100, range[1] - range[0] + 1));
        Assert.Distinct(ranges.SelectMany(range => Enumerable.Range(range[0], 100)).Append(ports.Next()));
    }
}
