using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.RateLimits;

namespace ServiceDefaults.Tests.RateLimits;

/// <summary>Against a list of times and nothing clever.</summary>
public sealed class LocalWindowsTests
{
    private static readonly Gen<Step[]> Steps =
        (from wait in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 400), Gen.Choose(900, 1100), Gen.Choose(0, 90_000))
         from isBoth in Gen.Elements(true, false)
         select new Step(TimeSpan.FromMilliseconds(wait), isBoth)).ArrayOf(60);

    [Fact]
    public void It_lets_through_whom_a_list_of_all_times_would()
    {
        Prop.ForAll(Steps.ToArbitrary(), steps =>
        {
            var clock = new FakeTimeProvider();
            var windows = new LocalWindows(clock);
            CountedWindow narrow = new("narrow", "", 2, TimeSpan.FromSeconds(1)), wide = new("wide", "", 5, TimeSpan.FromSeconds(60));
            var passed = new Dictionary<string, List<TimeSpan>> { [narrow.Key] = [], [wide.Key] = [] };
            var now = TimeSpan.Zero;
            foreach (var step in steps)
            {
                now += step.Wait;
                clock.Advance(step.Wait);
                CountedWindow[] asked = step.IsBoth ? [narrow, wide] : [wide];
                var expected = asked.All(window => passed[window.Key].Count(time => now - time < window.Length) < window.Limit);
                if (expected) foreach (var window in asked) passed[window.Key].Add(now);

                var counted = windows.Count(asked, take: true);

                Assert.Equal(expected, counted.IsAdmitted);
                Assert.Equal(
                    asked.Select(window => passed[window.Key].Count(time => now - time < window.Length)),
                    counted.Windows.Select(window => window.Count));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Who_waits_as_long_as_it_says_finds_a_place()
    {
        var clock = new FakeTimeProvider();
        var windows = new LocalWindows(clock);
        CountedWindow[] window = [new("balance", "user:1", 2, TimeSpan.FromSeconds(60))];
        windows.Count(window, take: true);
        clock.Advance(TimeSpan.FromSeconds(20));
        windows.Count(window, take: true);

        var refused = windows.Count(window, take: true);
        Assert.Equal((false, TimeSpan.FromSeconds(40)), (refused.IsAdmitted, refused.Windows[0].UntilFree));

        clock.Advance(TimeSpan.FromSeconds(40) - TimeSpan.FromTicks(1));
        Assert.False(windows.Count(window, take: true).IsAdmitted);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(windows.Count(window, take: true).IsAdmitted);
    }

    private sealed record Step(TimeSpan Wait, bool IsBoth);
}
