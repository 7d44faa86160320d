using System.Globalization;

namespace Support;

/// <summary>What Linux says of processes (proc(5)). One that has ended, or ends while it is looked at, has nothing.</summary>
public static class Proc
{
    /// <summary>Field 4 of <c>stat</c>.</summary>
    private const int Parent = 4;

    /// <summary>The processes whose parent is one of these.</summary>
    public static IReadOnlyList<int> ChildrenOf(IReadOnlyList<int> parents) =>
        [.. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid != 0 && parents.Contains((int)Stat(pid, Parent)))];

    /// <summary>Whether there is such a process.</summary>
    public static bool IsThere(int pid) => Directory.Exists($"/proc/{pid}");

    /// <summary>A number of <c>/proc/PID/stat</c>.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="field">Counted from 1, as the manual does; from 3 on. Field 2 is the program's name in brackets, which may contain anything.</param>
    public static double Stat(int pid, int field)
    {
        var line = ReadOrNothing($"/proc/{pid}/stat");
        var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > field - 3 ? double.Parse(fields[field - 3], CultureInfo.InvariantCulture) : 0;
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
