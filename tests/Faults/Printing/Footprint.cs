using System.Globalization;
using Faults.Running;
using Support;

namespace Faults.Printing;

/// <summary>Memory and handles of the services' processes.</summary>
internal sealed record Footprint(string Service, double Megabytes, int Handles)
{
    public static IReadOnlyList<Footprint> Of(RunningSystem system) => [.. RunningSystem.Services.Select(service => Of(service, system.Pids(service)))];

    public static Footprint Of(string service, IReadOnlyList<int> pids) =>
        new(service, pids.Sum(pid => Proc.Kilobytes(pid, "status", "VmRSS:")) / 1000, pids.Sum(Proc.Handles));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Service} {Megabytes:0} MB, {Handles} handles");
}
