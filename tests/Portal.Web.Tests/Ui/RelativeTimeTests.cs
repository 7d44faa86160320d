using Portal.Web.Ui;

namespace Portal.Web.Tests.Ui;

public sealed class RelativeTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "now")]
    [InlineData(0.9, "now")]
    [InlineData(-0.9, "now")]
    [InlineData(1, "1 s ago")]
    [InlineData(59.9, "59 s ago")]
    [InlineData(60, "1 min ago")]
    [InlineData(3_599, "59 min ago")]
    [InlineData(3_600, "1 h ago")]
    [InlineData(86_399, "23 h ago")]
    [InlineData(86_400, "1 d ago")]
    [InlineData(40_000_000, "462 d ago")]
    [InlineData(-12, "in 12 s")]
    [InlineData(-10_800, "in 3 h")]
    public void A_time_is_said_by_its_largest_whole_unit(double secondsAgo, string said) =>
        Assert.Equal(said, RelativeTime.Of(Now.AddSeconds(-secondsAgo), Now));
}
