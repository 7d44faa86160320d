namespace LocalHosting.Tests.Servers;

/// <summary>A machine without Java, asked for a real Kafka; apt-get is a script that writes down what it was asked.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("localhosting-tests-").FullName;

    public PackageTests()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("755", 8));
        Directory.CreateDirectory(Path.Combine(_folder, "libs"));
        File.WriteAllText(Path.Combine(_folder, "libs", "kafka-clients-4.jar"), "");
        foreach (var program in (string[])["setsid", "setpriv", "env"])
            File.CreateSymbolicLink(Path.Combine(_folder, program), $"/usr/bin/{program}");
        var apt = Path.Combine(_folder, "apt-get");
        File.WriteAllText(apt, $"#!/bin/sh\necho \"$DEBIAN_FRONTEND $@\" >> {_folder}/asked\n");
        File.SetUnixFileMode(apt, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_missing_is_said_and_installed_when_root()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root installs packages.");
        await using var host = HostProcess.Below($"PATH={_folder} KAFKA_HOME={_folder} exec \"$@\"", "broker");

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("Missing on this machine: default-jre-headless (Java, for the Kafka in KAFKA_HOME). Installing with apt-get", host.Output);
        Assert.Contains("apt-get installed default-jre-headless, but it is still not found", host.Output);
        Assert.Equal(
            ["noninteractive -o DPkg::Lock::Timeout=120 update", "noninteractive -o DPkg::Lock::Timeout=120 install -y --no-install-recommends default-jre-headless"],
            await File.ReadAllLinesAsync(Path.Combine(_folder, "asked"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_missing_is_named_with_the_command_when_not_root()
    {
        var other = Environment.UserName == "root" ? "setpriv --reuid nobody --clear-groups" : "";
        await using var host = HostProcess.Below($"PATH={_folder} KAFKA_HOME={_folder} HOME={_folder} USER=nobody LOGNAME=nobody exec {other} \"$@\"", "broker");

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("sudo apt-get update && sudo apt-get install -y --no-install-recommends default-jre-headless", host.Output);
        Assert.False(File.Exists(Path.Combine(_folder, "asked")));
        await host.NothingLeftAsync();
    }
}
