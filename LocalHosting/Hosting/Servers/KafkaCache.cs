using System.Security.Cryptography;
using System.Text;
using LocalHosting.Running;

namespace LocalHosting.Servers;

/// <summary>
/// What makes the second start of a real Kafka faster than the first, kept per set of jars. Two things a JVM would do again each time:
/// `format` writes the same feature levels (bootstrap.checkpoint: they name no cluster and no node; 1.3 s), and the broker loads and checks
/// the same classes (an archive of them: ready after 1.3 s, not 2.5 s, on two idle cores).
/// </summary>
internal sealed class KafkaCache
{
    private readonly string _folder;
    private readonly string _newArchive;

    public KafkaCache(RunContext run, string home)
    {
        var jars = new DirectoryInfo(Path.Combine(home, "libs")).EnumerateFiles().OrderBy(jar => jar.Name, StringComparer.Ordinal)
            .Select(jar => $"{jar.FullName} {jar.Length} {jar.LastWriteTimeUtc.Ticks}");
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', jars))))[..16];
        _folder = Directory.CreateDirectory(Path.Combine(DataRoot.Path(run), "cache", $"kafka-{key}")).FullName;
        _newArchive = Path.Combine(run.Folder.Path, "classes.jsa");
    }

    private string Checkpoint => Path.Combine(_folder, "bootstrap.checkpoint");

    private string Archive => Path.Combine(_folder, "classes.jsa");

    /// <summary>Formats a data folder without a JVM; false where the real `format` must do it (and is learnt from by <see cref="Learn"/>).</summary>
    public bool TryFormat(string data, string clusterId, string directoryId)
    {
        if (!File.Exists(Checkpoint))
            return false;
        Directory.CreateDirectory(data);
        File.Copy(Checkpoint, Path.Combine(data, "bootstrap.checkpoint"));
        File.WriteAllLines(Path.Combine(data, "meta.properties"), ["version=1", "node.id=0", $"cluster.id={clusterId}", $"directory.id={directoryId}"]);
        return true;
    }

    public void Learn(string data) => Keep(Path.Combine(data, "bootstrap.checkpoint"), Checkpoint);

    /// <summary>To read the archive, or to write it when the broker ends; the JVM goes on without one that does not fit.</summary>
    public string JvmOption() => File.Exists(Archive) ? $"-XX:SharedArchiveFile={Archive}" : $"-XX:ArchiveClassesAtExit={_newArchive}";

    /// <summary>Keeps the archive of a broker that has ended; one that was killed has written none.</summary>
    public void KeepArchive() => Keep(_newArchive, Archive);

    /// <summary>Copied beside and then renamed: another run sees all of it or nothing.</summary>
    private static void Keep(string from, string to)
    {
        if (!File.Exists(from) || File.Exists(to))
            return;
        var beside = $"{to}.{Environment.ProcessId}";
        File.Copy(from, beside, overwrite: true);
        File.Move(beside, to, overwrite: true);
    }
}
