using System.Globalization;
using System.Text;
using Faults.Invariants;

namespace Faults.Printing;

/// <summary>The matrix, a line a step.</summary>
internal static class Table
{
    private static readonly CompositeFormat Format = CompositeFormat.Parse(
        "{0,-20} {1,-46} {2,7} {3,6} {4,6} {5,5} {6,5} {7,6} {8,5} {9,7} {10,6} {11,7} {12,5} {13,7} {14,9} {15,7}");

    public static string Head =>
        Line("fault", "on", "seconds", "sent", "202", "409", "503", "no", "lost", "doubled", "called", "outage", "at", "outage", "recovered", "latest")
        + Environment.NewLine + Line("", "", "", "", "", "", "", "answer", "", "", "twice", "202 s", "s", "read s", "after s", "s");

    public static string Of(Window window, Counts counts) => Line(
        string.Join(" + ", window.Step.Faults.Select(fault => fault.Name)), string.Join(" + ", window.Step.Faults.Select(fault => fault.On)),
        Seconds(window.Ended - window.Begun), counts.Sent, counts.Accepted, counts.Conflicts, counts.Refused,
        counts.Unanswered, counts.Lost, counts.Doubled, counts.CalledTwice,
        Seconds(counts.Outage), Seconds(counts.OutageAt), Seconds(counts.ReadOutage), Seconds(window.Recovered - window.Ended), Seconds(counts.Latest));

    public static string Sum(IReadOnlyList<Window> windows, IReadOnlyList<Counts> counts) => Line(
        $"{windows.Sum(window => window.Step.Faults.Count)} faults", "all",
        "", counts.Sum(c => c.Sent), counts.Sum(c => c.Accepted), counts.Sum(c => c.Conflicts), counts.Sum(c => c.Refused),
        counts.Sum(c => c.Unanswered), counts.Sum(c => c.Lost), counts.Sum(c => c.Doubled), counts.Sum(c => c.CalledTwice),
        Seconds(counts.Max(c => c.Outage)), "", Seconds(counts.Max(c => c.ReadOutage)),
        Seconds(windows.Max(w => w.Recovered - w.Ended)), Seconds(counts.Max(c => c.Latest)));

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Line(params object[] cells) => string.Format(CultureInfo.InvariantCulture, Format, cells).TrimEnd();
}
