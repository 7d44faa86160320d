using System.Net;
using System.Net.Sockets;

namespace LocalHosting.Tests.Running;

public sealed class PortTests
{
    [Fact]
    public async Task A_taken_port_is_named_with_who_holds_it_and_nothing_is_started()
    {
        using var ports = new LocalHosting.Running.Ports();
        using var taken = new TcpListener(IPAddress.Loopback, ports.Free());
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var host = new HostProcess("port", $"--port={port}");

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains($"Resource 'web' needs port {port}, which is taken by process {Environment.ProcessId}", host.Output);
        Assert.Contains($"--LocalHosting:Ports:web={port + 1}", host.Output);
        Assert.DoesNotContain("early runs", host.Output);
        await host.NothingLeftAsync();
    }

    [Fact]
    public void No_port_is_given_to_two()
    {
        using var ports = new LocalHosting.Running.Ports();

        Assert.Distinct(Enumerable.Range(0, 1_000).Select(_ => ports.Free()));
    }

    [Fact]
    public void No_port_is_given_to_two_runs_and_when_they_are_over_others_get_theirs()
    {
        for (var again = 0; again < 10; again++)
        {
            var runs = Enumerable.Range(0, 10).Select(_ => new LocalHosting.Running.Ports()).ToList();
            Assert.Distinct(runs.SelectMany(ports => Enumerable.Range(0, 300).Select(_ => ports.Free())));
            runs.ForEach(ports => ports.Dispose());
        }
    }

    [Fact]
    public async Task The_port_can_be_chosen_on_the_command_line()
    {
        using var ports = new LocalHosting.Running.Ports();
        using var taken = new TcpListener(IPAddress.Loopback, ports.Free());
        taken.Start();
        var other = ports.Free();

        await using var host = new HostProcess("port", $"--port={((IPEndPoint)taken.LocalEndpoint).Port}", $"--LocalHosting:Ports:web={other}");

        await host.LineAsync($"^Ready in .* Front door: http://localhost:{other}");
    }
}
