using System.Text.RegularExpressions;

namespace Data.Installments;

/// <summary>Values of an order's interval.</summary>
public static class DueInterval
{
    /// <summary>The same day of each month; in a shorter month its last day.</summary>
    public const string Month = "month";

    /// <summary>Every seven days.</summary>
    public const string Week = "week";

    /// <summary>Every day.</summary>
    public const string Day = "day";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Month, Week, Day];
}

/// <summary>
/// The dates on which installments fall due, and the instants at which those dates begin. Dates are dates: they are counted without any clock, so a change of
/// summer time neither skips one nor moves one.
/// </summary>
public static partial class DueDates
{
    /// <summary>The longest id of a time zone.</summary>
    public const int MaxZoneLength = 64;

    /// <summary>Around a date's midnight, more than the offsets of any two zones differ: in between there is at most one change of a zone's offset.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromHours(26);

    /// <summary>
    /// The n-th due date after the first. Counted from the first one and not from the one before, or a 31st would stay a 28th after February: Jan 31, Feb 28,
    /// Mar 31.
    /// </summary>
    /// <param name="first">The first due date.</param>
    /// <param name="interval">One of <see cref="DueInterval"/>.</param>
    /// <param name="n">0 is the first.</param>
    public static DateOnly Nth(DateOnly first, string interval, int n) => interval switch
    {
        DueInterval.Month => first.AddMonths(n),
        DueInterval.Week => first.AddDays(7 * n),
        DueInterval.Day => first.AddDays(n),
        _ => throw new ArgumentException($"{interval} is no interval.", nameof(interval)),
    };

    /// <summary>The date of an instant in a zone.</summary>
    public static DateOnly DateIn(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>
    /// The instant at which a date begins in a zone: its midnight; the first of two when clocks are set back over it; and where no midnight is, since clocks
    /// are set forward over it, the first moment after.
    /// </summary>
    /// <param name="date">From the year 2 to 9998.</param>
    /// <param name="zone">The zone.</param>
    public static DateTimeOffset StartOf(DateOnly date, TimeZoneInfo zone)
    {
        var midnight = date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var (before, after) = (zone.GetUtcOffset(midnight - Around), zone.GetUtcOffset(midnight + Around));
        foreach (var offset in before > after ? [before, after] : (TimeSpan[])[after, before])
        {
            if (zone.GetUtcOffset(midnight - offset) == offset) return new(midnight - offset);
        }

        return new(FirstNotBefore(midnight, zone));
    }

    /// <summary>
    /// The zone of an id as IANA's data base has them (<c>Europe/Berlin</c>, <c>UTC</c>); null when this machine knows none. Names that mean this machine's own
    /// zone, and files beside the zones, begin with a small letter.
    /// </summary>
    public static TimeZoneInfo? FindZone(string id) =>
        id.Length <= MaxZoneLength && ZoneId().IsMatch(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId ? zone : null;

    // No instant has this local time, so the local times around it rise: halve the span until it is a second, the unit of every zone's changes.
    private static DateTime FirstNotBefore(DateTime local, TimeZoneInfo zone)
    {
        var (low, high) = (local - Around, local + Around);
        while (high - low > TimeSpan.FromSeconds(1))
        {
            var middle = low.AddSeconds(Math.Floor((high - low).TotalSeconds / 2));
            if (middle + zone.GetUtcOffset(middle) < local) low = middle;
            else high = middle;
        }

        return high;
    }

    [GeneratedRegex("^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex ZoneId();
}
