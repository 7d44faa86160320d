using System.Globalization;
using Aspire.Hosting;
using LocalHosting;

namespace Benchmarks.Running;

/// <summary>What a resource's processes took.</summary>
/// <param name="Name">The resource.</param>
/// <param name="CpuSeconds">Processor time since <see cref="ProcessUse.Begin"/>, user and system.</param>
/// <param name="PeakMegabytes">The most memory resident at any time since the process started; with PostgreSQL, whose processes share theirs, what all hold at the end (proportional set size).</param>
/// <param name="Megabytes">Resident now.</param>
internal sealed record ProcessFigures(string Name, double CpuSeconds, double PeakMegabytes, double Megabytes);

/// <summary>Reads processor time and memory of the system's processes from Linux's /proc (proc(5)).</summary>
internal sealed class ProcessUse(DistributedApplication app)
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux.
    private const double KilobytesPerMegabyte = 1000;
    private const string Postgres = "postgres";

    private static readonly string[] Resources = [Postgres, "broker", RunningSystem.Ingest, RunningSystem.Worker, RunningSystem.Query, RunningSystem.Portal];

    private Dictionary<string, double> _before = [];

    /// <summary>Processor time is counted from here on.</summary>
    public void Begin() => _before = Resources.ToDictionary(name => name, name => Pids(name).Sum(Cpu));

    public IReadOnlyList<ProcessFigures> Read() => [.. Resources.Select(name =>
    {
        var pids = Pids(name).ToArray();
        var shared = name == Postgres;
        return new ProcessFigures(
            name,
            pids.Sum(Cpu) - _before.GetValueOrDefault(name),
            pids.Sum(pid => shared ? Kilobytes(pid, "smaps_rollup", "Pss:") : Kilobytes(pid, "status", "VmHWM:")) / KilobytesPerMegabyte,
            pids.Sum(pid => shared ? Kilobytes(pid, "smaps_rollup", "Pss:") : Kilobytes(pid, "status", "VmRSS:")) / KilobytesPerMegabyte);
    })];

    // PostgreSQL's server is the parent of a process for each connection.
    private IEnumerable<int> Pids(string resource)
    {
        var own = app.ProcessIds(resource);
        return resource == Postgres ? [.. own, .. AllProcesses().Where(pid => own.Contains(Parent(pid)))] : own;
    }

    private static IEnumerable<int> AllProcesses() =>
        Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0).Where(pid => pid != 0);

    private static int Parent(int pid) => (int)Stat(pid, 4);

    // The server's own line has the time of those of its children that have ended, too.
    private static double Cpu(int pid) => (Stat(pid, 14) + Stat(pid, 15) + Stat(pid, 16) + Stat(pid, 17)) / TicksPerSecond;

    // Field 2 is the program's name in brackets, which may contain anything.
    private static double Stat(int pid, int field)
    {
        var line = ReadOrNothing($"/proc/{pid}/stat");
        var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > field - 3 ? double.Parse(fields[field - 3], CultureInfo.InvariantCulture) : 0;
    }

    private static double Kilobytes(int pid, string file, string name)
    {
        var line = ReadOrNothing($"/proc/{pid}/{file}").Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    // A connection's process may end while it is looked at.
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
