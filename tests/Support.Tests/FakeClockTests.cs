namespace Support.Tests;

public class FakeClockTests
{
    private readonly FakeClock _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(-1)]
    public void Putting_the_wall_clock_wrong_moves_neither_timers_nor_timestamps(int hours)
    {
        var calls = 0;
        using var timer = _clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var stamp = _clock.GetTimestamp();

        var before = _clock.GetUtcNow();
        _clock.AdjustTime(before + TimeSpan.FromHours(hours));

        Assert.Equal(0, calls);
        Assert.Equal(TimeSpan.FromHours(hours), _clock.GetUtcNow() - before);
        Assert.Equal(stamp, _clock.GetTimestamp());

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, calls);
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.GetElapsedTime(stamp));
    }

    [Fact]
    public async Task Waiting_for_timers_ends_when_the_code_under_test_begins_to_wait()
    {
        var waiting = _clock.WaitForTimersAsync(2, Cancelled);
        using var first = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.False(waiting.IsCompleted);
        using var second = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        await waiting.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_timer_that_has_ended_or_was_put_off_for_good_or_disposed_runs_no_more()
    {
        using var ended = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var off = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        var disposed = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromSeconds(1));
        off.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        disposed.Dispose();
        Assert.False(disposed.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));

        var waiting = _clock.WaitForTimersAsync(1, Cancelled);
        Assert.False(waiting.IsCompleted);
        using var periodic = _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(3));
        await waiting.WaitAsync(Cancelled);
        await _clock.WaitForTimersAsync(1, Cancelled);
    }
}
