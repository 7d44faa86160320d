using System.Globalization;

namespace Faults.Running;

/// <summary>What Linux says of processes (proc(5)).</summary>
internal static class Proc
{
    public static IReadOnlyList<int> ChildrenOf(IReadOnlyList<int> parents) =>
        [.. Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid != 0 && parents.Contains(ParentOf(pid)))];

    public static double Megabytes(int pid)
    {
        var line = ReadOrNothing($"/proc/{pid}/status").Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1000;
    }

    /// <summary>The real user's id.</summary>
    public static int UserOf(int pid)
    {
        var line = ReadOrNothing($"/proc/{pid}/status").Split('\n').First(l => l.StartsWith("Uid:", StringComparison.Ordinal));
        return int.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
    }

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

    // Field 2 is the program's name in brackets, which may contain anything; field 4 the parent.
    private static int ParentOf(int pid)
    {
        var line = ReadOrNothing($"/proc/{pid}/stat");
        var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;
    }

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
