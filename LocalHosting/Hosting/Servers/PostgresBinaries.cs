using Aspire.Hosting;

namespace LocalHosting.Servers;

/// <summary>Finds PostgreSQL's programs: Debian's versioned folders, the newest first, else PATH.</summary>
internal static class PostgresBinaries
{
    private const string DebianRoot = "/usr/lib/postgresql";

    public static string? Folder() => Folders().FirstOrDefault();

    /// <summary>The programs for a data folder: of the version that made it.</summary>
    public static string FolderFor(string data)
    {
        var versionFile = Path.Combine(data, "PG_VERSION");
        if (!File.Exists(versionFile))
            return Folder()!;
        var version = File.ReadAllText(versionFile).Trim();
        var debian = $"{DebianRoot}/{version}/bin";
        if (Directory.Exists(debian) || !Directory.Exists(DebianRoot))
            return Directory.Exists(debian) ? debian : Folder()!;
        throw new DistributedApplicationException(
            $"The data in {data} are PostgreSQL {version}'s, which is not installed. Install it (apt-get install postgresql-{version}), or delete that folder to begin anew.");
    }

    private static IEnumerable<string> Folders()
    {
        if (Directory.Exists(DebianRoot))
        {
            var versions = Directory.EnumerateDirectories(DebianRoot).Select(Path.GetFileName).Select(name => int.TryParse(name, out var v) ? v : 0);
            foreach (var version in versions.OrderDescending().Where(v => File.Exists($"{DebianRoot}/{v}/bin/postgres")))
                yield return $"{DebianRoot}/{version}/bin";
        }
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(f => File.Exists(Path.Combine(f, "postgres"))))
            yield return folder;
    }
}
