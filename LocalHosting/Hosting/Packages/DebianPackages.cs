using System.Runtime.InteropServices;
using Aspire.Hosting;
using LocalHosting.Processes;
using LocalHosting.Running;
using LocalHosting.Servers;

namespace LocalHosting.Packages;

/// <summary>A Debian package, and how to see that it is there.</summary>
internal sealed record DebianPackage(string Name, string For, Func<bool> IsThere)
{
    public static DebianPackage Redis { get; } = new("redis-server", "the server of the rate limits", () => RedisWork.FindServer() is not null);

    public static DebianPackage Librdkafka { get; } = new("librdkafka1", "Kafka's client library", () => NativeLibrary.TryLoad("librdkafka.so.1", out _));
}

/// <summary>Installs what is missing when root, says what to install when not; nothing is started before all is there.</summary>
internal static class DebianPackages
{
    private const string NoMainCluster = "/etc/postgresql-common/createcluster.d/aspire-webhooks.conf";
    private const string Units = "/etc/systemd/system";
    private const string RedisUnit = $"{Units}/redis-server.service";
    private static readonly string[] Apt = ["-o", "DPkg::Lock::Timeout=120"];

    public static async Task EnsureAsync(RunContext run, IEnumerable<DebianPackage> needed, CancellationToken ct)
    {
        var missing = needed.Where(package => !package.IsThere()).ToList();
        if (missing.Count == 0)
            return;
        var names = missing.Select(package => package.Name).ToArray();
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/apt-get"))
            throw new DistributedApplicationException(
                $"Missing on this machine: {Describe(missing)}. Nothing was started. Install with:{Environment.NewLine}    sudo apt-get update && sudo apt-get install -y --no-install-recommends {string.Join(' ', names)}");

        using var turn = await WaitForTurnAsync(run, ct);
        missing = [.. missing.Where(package => !package.IsThere())];
        if (missing.Count == 0)
            return;
        run.Screen.Say($"Missing on this machine: {Describe(missing)}. Installing with apt-get; this is done once.");
        KeepServersFromStarting(missing);
        await AptAsync(run, ["update"], ct);
        await AptAsync(run, ["install", "-y", "--no-install-recommends", .. missing.Select(package => package.Name)], ct);
        if (missing.Where(package => !package.IsThere()).ToList() is { Count: > 0 } still)
            throw new DistributedApplicationException($"apt-get installed {string.Join(", ", still.Select(p => p.Name))}, but it is still not found on this machine.");
    }

    private static string Describe(List<DebianPackage> packages) => string.Join(", ", packages.Select(package => $"{package.Name} ({package.For})"));

    /// <summary>Several test processes may find the same package missing at once: one installs, the others wait.</summary>
    private static async Task<FileStream> WaitForTurnAsync(RunContext run, CancellationToken ct)
    {
        FileStream? turn = null;
        await run.PollAsync(_ =>
        {
            try
            {
                turn = new(Path.Combine(Path.GetTempPath(), "aspire-webhooks.apt.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return Task.FromResult(true);
            }
            catch (IOException)
            {
                return Task.FromResult(false);
            }
        }, ct);
        return turn!;
    }

    /// <summary>
    /// Debian's postgresql makes a cluster and starts it on port 5432 when installed, its redis-server one without a password on port 6379;
    /// ours are made per AppHost, and nobody asked for those. (<c>systemctl unmask redis-server</c> for who wants Debian's own later.)
    /// </summary>
    private static void KeepServersFromStarting(List<DebianPackage> missing)
    {
        if (missing.Contains(DebianPackage.Redis) && Directory.Exists(Units) && !Path.Exists(RedisUnit))
            File.CreateSymbolicLink(RedisUnit, "/dev/null");
        if (File.Exists("/etc/postgresql-common/createcluster.conf"))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(NoMainCluster)!);
        File.WriteAllText(NoMainCluster, "create_main_cluster = false\n");
    }

    private static async Task AptAsync(RunContext run, string[] args, CancellationToken ct)
    {
        var apt = new Command("apt-get", [.. Apt, .. args]) { Environment = new Dictionary<string, string?> { ["DEBIAN_FRONTEND"] = "noninteractive" } };
        await Child.RunAsync(run.Thread, apt, $"apt-get {string.Join(' ', args)}", ct);
    }
}
