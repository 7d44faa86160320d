using Processor.Worker.Work;

namespace Processor.Worker.Tests.Work;

public sealed class BackoffTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    [InlineData(6, 60)]
    [InlineData(int.MaxValue, 60)]
    public void Each_wait_is_twice_the_last_up_to_the_longest(int attempt, int seconds) =>
        Assert.Equal(Second * seconds, Backoff.Exponential(Second * 2, longest: Second * 60).After(attempt, new Random(1)));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 300)]
    [InlineData(9, 1800)]
    public void A_list_is_followed_to_its_end_and_its_last_wait_repeats(int attempt, int seconds) =>
        Assert.Equal(Second * seconds, Backoff.List([Second * 5, Second * 300, Second * 1800]).After(attempt, new Random(1)));

    [Fact]
    public void Jitter_spreads_waits_over_its_whole_range()
    {
        var backoff = Backoff.Exponential(Second * 10, longest: Second * 10, lowest: 0.8, highest: 1.2);
        var waits = Enumerable.Range(0, 1000).Select(seed => backoff.After(1, new Random(seed)).TotalSeconds).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, 8, 12));
        Assert.True(waits.Min() < 8.1 && waits.Max() > 11.9);
    }

    [Theory]
    [InlineData(300, 300, 330)] // Longer than the wait: never before it, and spread over a tenth more.
    [InlineData(1, 10, 10)]
    [InlineData(864_000, 86_400, 95_040)] // Ten days: a day.
    public void A_retry_after_is_kept(int retryAfter, int from, int to)
    {
        var backoff = Backoff.Exponential(Second * 10, longest: Second * 10);
        var waits = Enumerable.Range(0, 100).Select(seed => backoff.After(1, new Random(seed), Second * retryAfter).TotalSeconds);

        Assert.All(waits, wait => Assert.InRange(wait, from, to));
    }
}
