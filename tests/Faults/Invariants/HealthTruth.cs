using System.Globalization;
using Faults.Running;

namespace Faults.Invariants;

/// <summary>What the probes were told, held against what was so.</summary>
internal static class HealthTruth
{
    /// <summary>A check gives up after 2 s, and probes come twice a second: by then the truth must be out.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(4);

    public static IEnumerable<string> Violations(IReadOnlyList<Window> windows, IReadOnlyList<Probe> probes) =>
        windows.SelectMany(window => RunningSystem.Services.SelectMany(service => Violations(window, service, probes)));

    private static IEnumerable<string> Violations(Window window, string service, IReadOnlyList<Probe> probes)
    {
        if (window.Step.Faults.Any(fault => fault.Silences(service))) yield break;
        var during = probes.Where(probe => probe.Service == service && probe.AskedAt >= window.Begun && probe.At <= window.Ended).ToList();
        var notAlive = during.Where(probe => probe.Path == "/alive" && probe.Status != 200).ToList();
        if (notAlive.Count > 0)
            yield return $"{window.Step}: {service} ran, and said {notAlive.Count} times that it is not alive: "
                + $"{string.Join(", ", notAlive.Select(probe => Describe(window, probe)))}.";

        if (!window.Step.Faults.Any(fault => fault.MakesUnready(service))) yield break;
        var ready = during.Where(probe => probe.Path == "/health" && probe.AskedAt >= window.AllBegun + Notice && probe.At <= window.FirstEnded).ToList();
        var lies = ready.Count(probe => probe.Status == 200);
        if (lies > 0) yield return $"{window.Step}: {service} said {lies} of {ready.Count} times that it is ready, and was not.";
    }

    private static string Describe(Window window, Probe probe) => string.Create(
        CultureInfo.InvariantCulture,
        $"{probe.Status} after {(probe.At - probe.AskedAt).TotalSeconds:0.0} s, "
        + $"asked {(probe.AskedAt - window.Begun).TotalSeconds:0.0} s after the begin at {window.Begun:HH:mm:ss}");
}
