using System.Globalization;

namespace LocalHosting.Processes;

/// <summary>Finds the process that listens on a port, as far as /proc lets this user see.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>Such as <c>process 1234 (nginx)</c>; null where it cannot be seen.</summary>
    public static string? Find(int port)
    {
        var sockets = Inodes(port).Select(inode => $"socket:[{inode}]").ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(_ => sockets.Count > 0))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && Holds(folder, sockets))
                return $"process {pid} ({Name(folder)})";
        }
        return null;
    }

    private static IEnumerable<string> Inodes(int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            if (!File.Exists(table))
                continue;
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns[1].EndsWith(suffix, StringComparison.Ordinal) && columns[3] == Listening)
                    yield return columns[9];
            }
        }
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Name(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Replace('\0', ' ').Trim();
        }
        catch (IOException)
        {
            return "ended just now";
        }
    }
}
