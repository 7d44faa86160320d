using System.Globalization;
using System.Text;
using Faults.Invariants;
using Faults.Load;

namespace Faults.Printing;

/// <summary>The faults of a run with charges, a line each.</summary>
internal static class ChargesTable
{
    private static readonly CompositeFormat Format = CompositeFormat.Parse("{0,-20} {1,-28} {2,-25} {3,7} {4,6} {5,5} {6,5} {7,5} {8,6} {9,7} {10,9}");

    public static string Head =>
        Line("fault", "on", "Stripe", "seconds", "sent", "200", "422", "503", "no", "outage", "recovered") + Environment.NewLine
        + Line("", "", "", "", "", "", "", "", "answer", "s", "after s");

    /// <summary>What was sent from the end of the step before to recovery.</summary>
    public static string Of(Window window, string stripe, DateTimeOffset from, IReadOnlyCollection<Sent> all)
    {
        var sent = all.Where(one => one.At > from && one.At <= window.Recovered).ToArray();
        return Line(
            string.Join(" + ", window.Step.Faults.Select(fault => fault.Name)), string.Join(" + ", window.Step.Faults.Select(fault => fault.On)), stripe,
            Seconds(window.Ended - window.Begun), sent.Length, Count(sent, 200), Count(sent, 422), Count(sent, 503), Count(sent, 0),
            Seconds(Outage(window, sent)), Seconds(window.Recovered - window.Ended));
    }

    public static string Sum(IReadOnlyList<Window> windows, IReadOnlyCollection<Sent> all) => Line(
        $"{windows.Count} faults", "all", "all", "", all.Count, Count(all, 200), Count(all, 422), Count(all, 503), Count(all, 0),
        Seconds(windows.Max(window => Outage(window, all))), Seconds(windows.Max(window => window.Recovered - window.Ended)));

    /// <summary>The longest time without an answer.</summary>
    private static TimeSpan Outage(Window window, IReadOnlyCollection<Sent> sent)
    {
        var answered = sent.Where(one => one.Status is 200 or 422 && one.At > window.Begun && one.At < window.Recovered).Select(one => one.At);
        var times = answered.Append(window.Begun).Append(window.Recovered).Order().ToArray();
        return times.Zip(times.Skip(1), (a, b) => b - a).Max();
    }

    private static int Count(IEnumerable<Sent> sent, int status) => sent.Count(one => one.Status == status);

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Line(params object[] cells) => string.Format(CultureInfo.InvariantCulture, Format, cells).TrimEnd();
}
