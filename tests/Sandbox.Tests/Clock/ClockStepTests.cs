using System.Globalization;
using Sandbox.Clock;

namespace Sandbox.Tests.Clock;

public sealed class ClockStepTests
{
    private static readonly ClockTime Clock = new(Utc("2026-01-31T12:00:00Z"), Utc("2026-01-15T10:30:00Z"));

    [Theory]
    [InlineData("2026-03-01T00:00:00Z", null, "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T00:00:00+01:00", null, "2026-02-28T23:00:00Z")]
    [InlineData("2026-01-31T12:00:00Z", null, "2026-01-31T12:00:00Z")] // Where it is already.
    [InlineData(null, "31.00:00:00", "2026-03-03T12:00:00Z")]
    [InlineData(null, "00:00:01.5", "2026-01-31T12:00:01.5Z")]
    [InlineData(null, "P31D", "2026-03-03T12:00:00Z")]
    [InlineData(null, "P1M", "2026-02-28T12:00:00Z")] // A month of the calendar.
    [InlineData(null, "P1Y2M", "2027-03-31T12:00:00Z")]
    [InlineData(null, "P2W", "2026-02-14T12:00:00Z")]
    [InlineData(null, "P1DT2H3M4S", "2026-02-01T14:03:04Z")]
    [InlineData(null, "PT36H", "2026-02-02T00:00:00Z")]
    public void It_is_turned_to_a_time_or_by_a_duration(string? now, string? advance, string time) =>
        Assert.Equal((Utc(time), null), new ClockStep(now, advance).From(Clock));

    [Theory]
    [InlineData(null, null, "now", "one of two ways")]
    [InlineData("2026-03-01T00:00:00Z", "P1D", "now", "one of two ways")]
    [InlineData("tomorrow", null, "now", "cannot be read")]
    [InlineData("2026-03-01", null, "now", "cannot be read")]
    [InlineData("2026-01-31T11:59:59Z", null, "now", "forward only")]
    [InlineData("2026-01-20T00:00:00Z", null, "now", "forward only")] // Ahead of the real time, but not of what the clock says.
    [InlineData("2126-01-31T00:00:00Z", null, "now", "more than 100 years")]
    [InlineData(null, "-1.00:00:00", "advance", "forward only")]
    [InlineData(null, "P", "advance", "cannot be read")]
    [InlineData(null, "PT", "advance", "cannot be read")]
    [InlineData(null, "P1DT", "advance", "cannot be read")]
    [InlineData(null, "-P1D", "advance", "cannot be read")]
    [InlineData(null, "1 month", "advance", "cannot be read")]
    [InlineData(null, "", "advance", "cannot be read")]
    [InlineData(null, "P101Y", "advance", "more than 100 years")]
    [InlineData(null, "P99999Y", "advance", "more than 100 years")]
    [InlineData(null, "P9999999D", "advance", "more than 100 years")]
    [InlineData(null, "10675199.02:48:05.4775807", "advance", "more than 100 years")]
    public void What_is_not_acceptable_is_named(string? now, string? advance, string field, string message)
    {
        var (time, fault) = new ClockStep(now, advance).From(Clock);
        Assert.Null(time);
        Assert.Equal(field, fault!.Value.Field);
        Assert.Contains(message, fault.Value.Message, StringComparison.Ordinal);
    }

    private static DateTime Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime;
}
