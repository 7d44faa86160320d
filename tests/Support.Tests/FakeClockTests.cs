namespace Support.Tests;

public class FakeClockTests
{
    private readonly FakeClock _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        var start = _clock.GetUtcNow();
        var stamp = _clock.GetTimestamp();
        Assert.Equal(start, _clock.GetUtcNow());

        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(start + TimeSpan.FromSeconds(30), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(30), _clock.GetElapsedTime(stamp));
    }

    [Fact]
    public async Task A_delay_ends_when_its_time_has_come_and_not_before()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(30), _clock, Cancelled);

        _clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.False(delay.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));
        await delay.WaitAsync(Cancelled);
    }

    [Fact]
    public async Task A_periodic_timer_ticks_once_a_period()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _clock);
        for (var tick = 0; tick < 3; tick++)
        {
            var next = timer.WaitForNextTickAsync(Cancelled);
            Assert.False(next.IsCompleted);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await next);
        }
    }

    [Fact]
    public void A_timer_is_called_for_every_period_that_passed_and_sees_the_time_it_was_due()
    {
        var start = _clock.GetUtcNow();
        var seen = new List<double>();
        using var timer = _clock.CreateTimer(_ => seen.Add((_clock.GetUtcNow() - start).TotalSeconds), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));

        _clock.Advance(TimeSpan.FromSeconds(4.5));

        Assert.Equal([2, 3, 4], seen);
        Assert.Equal(start + TimeSpan.FromSeconds(4.5), _clock.GetUtcNow());
    }

    [Fact]
    public void Timers_are_called_in_the_order_they_fall_due()
    {
        var seen = new List<string>();
        using var late = _clock.CreateTimer(_ => seen.Add("late"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using var early = _clock.CreateTimer(_ => seen.Add("early"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["early", "late"], seen);
    }

    [Fact]
    public void A_token_source_is_cancelled_by_the_clock()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(2), _clock);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(source.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public void A_disposed_timer_is_not_called_and_a_changed_one_at_its_new_time()
    {
        var calls = 0;
        var disposed = _clock.CreateTimer(_ => calls += 100, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var changed = _clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        disposed.Dispose();
        Assert.True(changed.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan));
        Assert.False(disposed.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));

        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, calls);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_timer_due_at_once_needs_no_advance()
    {
        var called = new TaskCompletionSource();
        using var timer = _clock.CreateTimer(_ => called.SetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await called.Task.WaitAsync(Cancelled);
    }

    [Fact]
    public void Putting_the_wall_clock_wrong_fires_no_timer()
    {
        var calls = 0;
        using var timer = _clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var stamp = _clock.GetTimestamp();

        _clock.SetUtcNow(_clock.GetUtcNow() + TimeSpan.FromHours(1));

        Assert.Equal(0, calls);
        Assert.Equal(stamp, _clock.GetTimestamp());
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
}
