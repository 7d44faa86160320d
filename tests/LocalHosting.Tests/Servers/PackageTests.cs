namespace LocalHosting.Tests.Servers;

/// <summary>A machine without Java, asked for an Apache Kafka; apt-get is a script that writes down what it was asked.</summary>
public sealed class PackageTests : IDisposable
{
    private static readonly UnixFileMode Everyone = (UnixFileMode)Convert.ToInt32("755", 8);
    private readonly string _folder = Directory.CreateTempSubdirectory("aspire-webhooks-").FullName;

    public PackageTests()
    {
        File.SetUnixFileMode(_folder, Everyone);
        Directory.CreateDirectory(Path.Combine(_folder, "libs"));
        File.WriteAllText(Path.Combine(_folder, "libs", "kafka-clients-4.jar"), "");
        var apt = Path.Combine(_folder, "apt-get");
        File.WriteAllText(apt, $"#!/bin/sh\necho \"$DEBIAN_FRONTEND $@\" >> {_folder}/asked\n");
        File.SetUnixFileMode(apt, Everyone);
    }

    // Aspire and .NET keep to this PATH; what is not in it is not there.
    private Dictionary<string, string> Environment => new() { ["PATH"] = _folder, ["KAFKA_HOME"] = _folder };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_missing_is_said_and_installed_when_root()
    {
        Assert.SkipUnless(System.Environment.UserName == "root", "Only root installs packages.");
        await using var probe = Watched.Start(Programs.Probe, ["kafka"], Environment);

        Assert.Equal(1, await probe.ExitAsync());

        await probe.LineAsync(@"Missing on this machine: default-jre-headless \(Java, for the Kafka in KAFKA_HOME\)\. Installing with apt-get");
        await probe.LineAsync("apt-get has installed default-jre-headless, but not all of it is found");
        Assert.Equal(
            [
                "noninteractive -o DPkg::Lock::Timeout=120 update",
                "noninteractive -o DPkg::Lock::Timeout=120 install -y --no-install-recommends default-jre-headless",
            ],
            await File.ReadAllLinesAsync(Path.Combine(_folder, "asked"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_missing_is_named_with_the_command_when_not_root()
    {
        string[] command = System.Environment.UserName == "root"
            ? ["/usr/bin/setpriv", "--reuid", "nobody", "--clear-groups", Programs.Probe, "kafka"]
            : [Programs.Probe, "kafka"];
        await using var probe = Watched.Start(command[0], command[1..], new(Environment) { ["HOME"] = _folder });

        Assert.Equal(1, await probe.ExitAsync());

        await probe.LineAsync("Missing on this machine: default-jre-headless .*Nothing was started");
        await probe.LineAsync("sudo apt-get update && sudo apt-get install -y --no-install-recommends default-jre-headless");
        Assert.False(File.Exists(Path.Combine(_folder, "asked")));
    }
}
