using System.Globalization;

namespace Support;

/// <summary>A process.</summary>
/// <param name="Pid">Its number, which another may have had before.</param>
/// <param name="Parent">Its parent's.</param>
/// <param name="Started">When it was started, in ticks since the machine was.</param>
/// <param name="IsZombie">Whether it has ended, and nobody has asked how.</param>
public sealed record ProcessLine(int Pid, int Parent, long Started, bool IsZombie);

/// <summary>What Linux says of processes (proc(5)). One that has ended, or ends while it is looked at, has nothing.</summary>
public static class Proc
{
    /// <summary>Fields of <c>stat</c>, counted as the manual does; the first one after the name has number 3.</summary>
    private const int First = 3, Parent = 4, Started = 22;

    /// <summary>Every process of this machine, each looked at once: some 3 ms of processor time.</summary>
    public static IReadOnlyList<ProcessLine> All() =>
        [.. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid != 0).Select(pid => (Pid: pid, Fields: Fields(pid))).Where(one => one.Fields.Length > Started - First)
            .Select(one => new ProcessLine(one.Pid, (int)Number(one.Fields, Parent), Number(one.Fields, Started), one.Fields[0] == "Z"))];

    /// <summary>The processes whose parent is one of these.</summary>
    public static IReadOnlyList<int> ChildrenOf(IReadOnlyList<int> parents) => [.. All().Where(one => parents.Contains(one.Parent)).Select(one => one.Pid)];

    /// <summary>Whether there is such a process.</summary>
    public static bool IsThere(int pid) => Directory.Exists($"/proc/{pid}");

    /// <summary>A number of <c>/proc/PID/stat</c>.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="field">Counted from 1, as the manual does; from 3 on. Field 2 is the program's name in brackets, which may contain anything.</param>
    public static double Stat(int pid, int field)
    {
        var fields = Fields(pid);
        return fields.Length > field - First ? double.Parse(fields[field - First], CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The kilobytes that a line of a file of the process names, such as <c>VmRSS:</c> of <c>status</c>; 0 without such a line.</summary>
    public static double Kilobytes(int pid, string file, string name) => Line(pid, file, name) is { } line
        ? double.Parse(line.Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
        : 0;

    /// <summary>The real user's id.</summary>
    public static int UserOf(int pid) => int.Parse(Line(pid, "status", "Uid:")!.Split('\t')[1], CultureInfo.InvariantCulture);

    /// <summary>Open files and sockets.</summary>
    public static int Handles(int pid)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count();
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The command line it was started with, word by word.</summary>
    public static string[] CommandLine(int pid) => Words($"/proc/{pid}/cmdline");

    /// <summary>The environment it was started with.</summary>
    public static Dictionary<string, string> Environment(int pid) =>
        Words($"/proc/{pid}/environ").Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>The folder it works in.</summary>
    public static string Folder(int pid) => new FileInfo($"/proc/{pid}/cwd").LinkTarget!;

    private static string[] Words(string file) => File.ReadAllText(file).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static long Number(string[] fields, int field) => long.Parse(fields[field - First], CultureInfo.InvariantCulture);

    // What follows the program's name.
    private static string[] Fields(int pid)
    {
        var line = ReadOrNothing($"/proc/{pid}/stat");
        return line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    // What follows the name.
    private static string? Line(int pid, string file, string name) =>
        ReadOrNothing($"/proc/{pid}/{file}").Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
