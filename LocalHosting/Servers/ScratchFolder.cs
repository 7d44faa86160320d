using System.Globalization;

namespace LocalHosting.Servers;

/// <summary>
/// Where the data of a test are, which go with it: in memory where this machine has room, else where temporary files are. TMPDIR overrides. A database
/// that is made from a template is 300 files: 200 ms of processor on ext4, 20 in memory, and a third of what the tests of Ingest.Api took.
/// </summary>
public static class ScratchFolder
{
    private const string Memory = "/dev/shm", MemoryInfo = "/proc/meminfo";

    /// <summary>Of bytes; more than the servers of two test projects take. A container's /dev/shm may have no more than 64 MB.</summary>
    private const long Room = 4L << 30;

    /// <summary>A new folder that other users can get through, since a server has a user of its own.</summary>
    /// <param name="isOnDisk">Whether what is written there must be on the disk.</param>
    public static string Create(bool isOnDisk = false)
    {
        var parent = !isOnDisk && Environment.GetEnvironmentVariable("TMPDIR") is null && HasRoom() ? Memory : Path.GetTempPath();
        var folder = Path.Combine(parent, $"aspire-webhooks-{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows()) return Directory.CreateDirectory(folder).FullName;
        return Directory.CreateDirectory(folder, (UnixFileMode)Convert.ToInt32("711", 8)).FullName;
    }

    private static bool HasRoom() => Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= Room && AvailableMemory() >= Room;

    // MemAvailable:   19069428 kB
    private static long AvailableMemory()
    {
        var available = File.ReadLines(MemoryInfo).FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return available is null ? 0 : long.Parse(available.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
