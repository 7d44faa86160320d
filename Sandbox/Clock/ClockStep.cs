using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Contracts;

namespace Sandbox.Clock;

/// <summary>The body of <c>POST /sandbox/clock</c>: one of the two. A member with a typing error would change nothing, so unknown ones are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClockStep(
    [property: Description("The time that it is to be, RFC 3339; not before what it is.")] string? Now = null,
    [property: Description("How far it is to go on: d.hh:mm:ss, or ISO 8601 such as P31D, P1M (a month of the calendar) or PT1H.")] string? Advance = null)
{
    /// <summary>The farthest that the clock goes ahead of the real one, in years.</summary>
    private const int MaxYears = 100;

    private const string Form =
        """send now, such as {"now":"2026-03-01T00:00:00Z"}, or advance, such as {"advance":"31.00:00:00"} or {"advance":"P1M"}""";

    /// <summary>The new time of the clock; or the member that is not acceptable, and why.</summary>
    /// <param name="clock">The clock as it is.</param>
    public (DateTime? Time, (string Field, string Message)? Fault) From(ClockTime clock)
    {
        if ((Now is null) == (Advance is null)) return (null, ("now", $"is one of two ways to turn the clock; {Form}"));
        var field = Now is null ? "advance" : "now";
        var time = Now is not null ? (Rfc3339.TryParse(Now, out var utc) ? utc : null) : Later(clock.Now, Advance!);
        if (time is null) return (null, (field, $"cannot be read; {Form}"));
        if (time < clock.Now)
        {
            return (null, (field, string.Create(CultureInfo.InvariantCulture,
                $"would turn the clock back from {clock.Now:yyyy-MM-dd'T'HH:mm:ss'Z'}; it goes forward only. DELETE /sandbox/clock sets it to the real time")));
        }

        return time > clock.RealNow.AddYears(MaxYears)
            ? (null, (field, $"is more than {MaxYears} years ahead of the real time"))
            : (time, null);
    }

    private static DateTime? Later(DateTime now, string advance)
    {
        try
        {
            if (TimeSpan.TryParseExact(advance, "c", CultureInfo.InvariantCulture, out var span)) return now + span;
            var parts = Iso8601.Duration().Match(advance);
            if (!parts.Success) return null;
            double Of(string name) => parts.Groups[name] is { Success: true, Value: var digits } ? double.Parse(digits, CultureInfo.InvariantCulture) : 0;
            return now.AddMonths((int)(12 * Of("years") + Of("months"))).AddDays(7 * Of("weeks") + Of("days"))
                .AddHours(Of("hours")).AddMinutes(Of("minutes")).AddSeconds(Of("seconds"));
        }
        catch (ArgumentOutOfRangeException)
        {
            return DateTime.MaxValue; // Beyond the calendar's end, and so too far.
        }
    }
}

/// <summary>Durations as ISO 8601 writes them, in whole numbers.</summary>
internal static partial class Iso8601
{
    [GeneratedRegex(
        @"^P(?=.)((?<years>\d{1,5})Y)?((?<months>\d{1,5})M)?((?<weeks>\d{1,5})W)?((?<days>\d{1,7})D)?"
        + @"(T(?=.)((?<hours>\d{1,7})H)?((?<minutes>\d{1,9})M)?((?<seconds>\d{1,9})S)?)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    public static partial Regex Duration();
}
