using System.Globalization;
using Data.Installments;
using FsCheck;
using FsCheck.Fluent;

namespace Data.Tests.Installments;

public sealed class DueDatesTests
{
    private static readonly string[] Zones =
    [
        "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/Asuncion", "America/Goose_Bay", "America/St_Johns",
        "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Gaza", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
    ];

    private static readonly Gen<(TimeZoneInfo Zone, DateOnly Date)> AnyDate =
        from zone in Gen.Elements(Zones)
        from day in Gen.Choose(new DateOnly(1975, 1, 1).DayNumber, new DateOnly(2040, 1, 1).DayNumber)
        select (TimeZoneInfo.FindSystemTimeZoneById(zone), DateOnly.FromDayNumber(day));

    [Theory]
    [InlineData("month", "2026-01-31", "2026-02-28 2026-03-31 2026-04-30")]
    [InlineData("month", "2027-12-30", "2028-01-30 2028-02-29 2028-03-30")]
    [InlineData("month", "2026-01-15", "2026-02-15 2026-03-15 2026-04-15")]
    [InlineData("week", "2026-03-25", "2026-04-01 2026-04-08 2026-04-15")] // Across the change to summer time.
    [InlineData("day", "2026-12-30", "2026-12-31 2027-01-01 2027-01-02")]
    public void Due_dates_are_counted_from_the_first(string interval, string first, string next) => Assert.Equal(
        next, string.Join(' ', Enumerable.Range(1, 3).Select(n => Text(DueDates.Nth(DateOnly.Parse(first, CultureInfo.InvariantCulture), interval, n)))));

    [Fact]
    public void The_nth_month_is_n_months_later_and_on_the_first_ones_day_or_on_its_last_day() => Prop.ForAll(
        Arb.From(Gen.Choose(new DateOnly(1999, 1, 1).DayNumber, new DateOnly(2101, 1, 1).DayNumber).Select(DateOnly.FromDayNumber)),
        Arb.From(Gen.Choose(0, InstallmentPlan.MaxCount - 1)),
        (first, n) =>
        {
            var date = DueDates.Nth(first, DueInterval.Month, n);
            return (date.Year - first.Year) * 12 + date.Month - first.Month == n
                && date.Day == Math.Min(first.Day, DateTime.DaysInMonth(date.Year, date.Month));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Theory]
    [InlineData("UTC", "2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("Europe/Berlin", "2026-01-31", "2026-01-30T23:00:00Z")]
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z")] // The change is at 02:00.
    [InlineData("Asia/Kolkata", "2026-01-31", "2026-01-30T18:30:00Z")]
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z")] // Set forward at 00:00: the date begins at 01:00.
    [InlineData("America/Havana", "2024-03-10", "2024-03-10T05:00:00Z")] // The same.
    [InlineData("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z")] // Set back from 01:00 to 00:00: the first of two midnights.
    [InlineData("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z")] // Set back at 00:00 to 23:00 of the day before: one midnight, the later.
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z")] // Left out altogether: the moment at which the next date begins.
    [InlineData("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z")]
    public void A_date_begins_at_its_first_moment(string zone, string date, string begins) => Assert.Equal(
        DateTimeOffset.Parse(begins, CultureInfo.InvariantCulture),
        DueDates.StartOf(DateOnly.Parse(date, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Fact]
    public void Whatever_the_zone_the_moment_before_a_dates_begin_is_of_an_earlier_date_and_the_begin_is_not() => Prop.ForAll(Arb.From(AnyDate), any =>
    {
        var begin = DueDates.StartOf(any.Date, any.Zone);
        return DueDates.DateIn(begin, any.Zone) >= any.Date && DueDates.DateIn(begin.AddSeconds(-1), any.Zone) < any.Date;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Theory]
    [InlineData("UTC", true)]
    [InlineData("Europe/Berlin", true)]
    [InlineData("America/Argentina/Buenos_Aires", true)]
    [InlineData("CET", true)]
    [InlineData("Etc/GMT+5", true)]
    [InlineData("", false)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("europe/berlin ", false)]
    [InlineData("+01:00", false)]
    [InlineData("localtime", false)]
    [InlineData("posixrules", false)]
    [InlineData("right/UTC", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("/usr/share/zoneinfo/UTC", false)]
    [InlineData("Pacific Standard Time", false)]
    public void A_zone_is_known_by_its_IANA_name_alone(string id, bool isKnown) => Assert.Equal(isKnown, DueDates.FindZone(id) is not null);

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
