using Support;
using Systems;

namespace Benchmarks.Running;

/// <summary>What a resource's processes took.</summary>
/// <param name="Name">The resource.</param>
/// <param name="CpuSeconds">Processor time since <see cref="ProcessUse.Begin"/>, user and system.</param>
/// <param name="PeakMegabytes">The most memory resident at any time since the process started; with PostgreSQL, whose processes share theirs, what all hold at
/// the end (proportional set size).</param>
/// <param name="Megabytes">Resident now.</param>
internal sealed record ProcessFigures(string Name, double CpuSeconds, double PeakMegabytes, double Megabytes);

/// <summary>Reads processor time and memory of the system's processes from Linux's /proc (proc(5)).</summary>
internal sealed class ProcessUse(Processes processes)
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
            pids.Sum(pid => shared ? Proc.Kilobytes(pid, "smaps_rollup", "Pss:") : Proc.Kilobytes(pid, "status", "VmHWM:")) / KilobytesPerMegabyte,
            pids.Sum(pid => shared ? Proc.Kilobytes(pid, "smaps_rollup", "Pss:") : Proc.Kilobytes(pid, "status", "VmRSS:")) / KilobytesPerMegabyte);
    })];

    // PostgreSQL's server is the parent of a process for each connection.
    private IEnumerable<int> Pids(string resource)
    {
        var own = processes.Pids(resource);
        return resource == Postgres ? [.. own, .. Proc.ChildrenOf(own)] : own;
    }

    // The server's own line has the time of those of its children that have ended, too.
    private static double Cpu(int pid) => (Proc.Stat(pid, 14) + Proc.Stat(pid, 15) + Proc.Stat(pid, 16) + Proc.Stat(pid, 17)) / TicksPerSecond;
}
