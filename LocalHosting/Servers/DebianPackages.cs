using System.Diagnostics;

namespace LocalHosting.Servers;

/// <summary>A Debian package, and how to see that it is there.</summary>
internal sealed record DebianPackage(string Name, string For, Func<bool> IsThere)
{
    public static DebianPackage Postgres { get; } = new("postgresql", "the database's server", () => IsInPath("postgres")
        || (Directory.Exists("/usr/lib/postgresql")
            && Directory.EnumerateDirectories("/usr/lib/postgresql").Any(version => File.Exists($"{version}/bin/postgres"))));

    public static DebianPackage Redis { get; } = new("redis-server", "the server of the rate limits", () => IsInPath("redis-server"));

    public static DebianPackage Java { get; } = new("default-jre-headless", "Java, for the Kafka in KAFKA_HOME", () => IsInPath("java"));

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}

/// <summary>Installs what is missing when root, and says what to install when not.</summary>
internal static class DebianPackages
{
    private const string NoMainCluster = "/etc/postgresql-common/createcluster.d/aspire-webhooks.conf";
    private const string Units = "/etc/systemd/system", RedisUnit = $"{Units}/redis-server.service";
    private const string Lock = "aspire-webhooks.apt.lock";
    private static readonly string[] Apt = ["-o", "DPkg::Lock::Timeout=120"];

    /// <param name="needed">What has to be there.</param>
    /// <param name="say">Told what is done.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="InvalidOperationException">Something is missing and cannot be installed; the message has the command.</exception>
    public static async Task EnsureAsync(IReadOnlyCollection<DebianPackage> needed, Action<string> say, CancellationToken stop)
    {
        if (Missing(needed) is not { Count: > 0 } missing) return;
        var names = string.Join(' ', missing.Select(package => package.Name));
        var what = $"Missing on this machine: {string.Join(", ", missing.Select(package => $"{package.Name} ({package.For})"))}.";
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/apt-get"))
            throw new InvalidOperationException(
                $"{what} Nothing was started. Install with:{Environment.NewLine}"
                + $"    sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}");

        using var turn = await WaitForTurnAsync(stop);
        if (Missing(needed).Count == 0) return;
        say($"{what} Installing with apt-get; this is done once.");
        KeepServersFromStarting(missing);
        await AptAsync([.. Apt, "update"], stop);
        await AptAsync([.. Apt, "install", "-y", "--no-install-recommends", .. missing.Select(package => package.Name)], stop);
        if (Missing(needed).Count > 0) throw new InvalidOperationException($"apt-get has installed {names}, but not all of it is found.");
    }

    private static List<DebianPackage> Missing(IEnumerable<DebianPackage> needed) => [.. needed.Where(package => !package.IsThere())];

    // Several test processes may find the same package missing at once: one installs, the others wait.
    private static async Task<FileStream> WaitForTurnAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return new(Path.Combine(Path.GetTempPath(), Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), stop);
            }
        }
    }

    // Debian's postgresql makes a cluster and starts it on port 5432 when installed, its redis-server one without a password on port 6379; nobody asked for
    // those. (`systemctl unmask redis-server` for those who want Debian's own later.)
    private static void KeepServersFromStarting(List<DebianPackage> missing)
    {
        if (missing.Contains(DebianPackage.Redis) && Directory.Exists(Units) && !Path.Exists(RedisUnit)) File.CreateSymbolicLink(RedisUnit, "/dev/null");
        if (File.Exists("/etc/postgresql-common/createcluster.conf")) return;
        Directory.CreateDirectory(Path.GetDirectoryName(NoMainCluster)!);
        File.WriteAllText(NoMainCluster, "create_main_cluster = false\n");
    }

    private static async Task AptAsync(string[] arguments, CancellationToken stop)
    {
        var start = new ProcessStartInfo("apt-get", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var apt = Process.Start(start)!;
        var (output, errors) = (apt.StandardOutput.ReadToEndAsync(stop), apt.StandardError.ReadToEndAsync(stop));
        await apt.WaitForExitAsync(stop);
        if (apt.ExitCode == 0) return;
        var said = (await output).TrimEnd();
        throw new InvalidOperationException(
            $"apt-get {string.Join(' ', arguments)} failed:{Environment.NewLine}{said[^Math.Min(2000, said.Length)..]}{Environment.NewLine}{await errors}");
    }
}
