using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LocalHosting.Tests.Hosts;

public sealed class PortTests
{
    [Fact]
    public async Task A_taken_port_is_named_with_who_holds_it_and_how_to_choose_another_and_nothing_is_started()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Programs.Root, "LocalHosting/PortCheck.cs")), "LocalHosting/PortCheck.cs is not here yet.");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var self = Process.GetCurrentProcess();
        var name = (await File.ReadAllTextAsync("/proc/self/comm", TestContext.Current.CancellationToken)).Trim();

        await using var host = Hosts.Start("port", $"--Port={port}");

        Assert.Equal(1, await host.ExitAsync());
        var line = await host.LineAsync($"web needs port {port}");
        Assert.Contains($"is taken by process {self.Id} ({name})", line);
        Assert.Contains($"--Port={port + 1}", line);
        Assert.DoesNotContain("   at ", host.Output);
        Assert.DoesNotContain("early ready", host.Output);
        await host.NothingLeftAsync();
    }
}
