namespace Support;

/// <summary>
/// A clock that a test turns by hand. Timers made from it (PeriodicTimer, Task.Delay(…, clock), new CancellationTokenSource(…, clock))
/// fire inside <see cref="Advance"/>, in the order they fall due, each seeing the time it was due at.
/// </summary>
/// <remarks>
/// As on a real machine, two clocks run: the one on the wall (<see cref="GetUtcNow"/>), which <see cref="SetUtcNow"/> can put wrong,
/// and the one that only goes forward (<see cref="GetTimestamp"/>), by which timers fire.
/// </remarks>
public sealed class FakeClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _armed = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _wall = start.ToUniversalTime();
    private long _elapsed;

    /// <summary>A clock that stands at 2026-01-15T10:30:00Z.</summary>
    public FakeClock() : this(new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero))
    {
    }

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _wall;
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_gate) return _elapsed;
    }

    /// <summary>Puts the clock on the wall forward or back. Timers do not fire by it, as they do not on a real machine.</summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_gate) _wall = now.ToUniversalTime();
    }

    /// <summary>Lets time pass. Returns when every timer that fell due has been called.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long until;
        lock (_gate) until = _elapsed + by.Ticks;
        while (NextDueBy(until) is { } timer) timer.Call();
    }

    /// <summary>
    /// Waits until at least <paramref name="count"/> timers run. The code under test must have begun to wait before time passes,
    /// or it waits for a time that is over: await this before <see cref="Advance"/>.
    /// </summary>
    public async Task WaitForTimersAsync(int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_armed.Count >= count) return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private FakeTimer? NextDueBy(long until)
    {
        lock (_gate)
        {
            var next = _armed.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            MoveTo(next is null ? until : Math.Max(next.Due, _elapsed));
            if (next is null) return null;
            if (next.Period > 0) next.Due += next.Period;
            else _armed.Remove(next);
            return next;
        }
    }

    // Never back: a callback may itself have advanced the clock.
    private void MoveTo(long elapsed)
    {
        if (elapsed <= _elapsed) return;
        _wall += TimeSpan.FromTicks(elapsed - _elapsed);
        _elapsed = elapsed;
    }

    private void Arm(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            timer.Due = _elapsed + dueTime.Ticks;
            timer.Period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
            if (dueTime >= TimeSpan.Zero && !timer.Disposed) _armed.Add(timer);
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Due at once means now, on a real clock too: not only when time next passes. Never inside CreateTimer, whose caller has no timer yet.
        if (dueTime == TimeSpan.Zero) ThreadPool.QueueUserWorkItem(clock => clock.Advance(TimeSpan.Zero), this, preferLocal: false);
    }

    private sealed class FakeTimer(FakeClock clock, Action call) : ITimer
    {
        public long Due { get; set; }

        public long Period { get; set; }

        public bool Disposed { get; private set; }

        public void Call() => call();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Arm(this, dueTime, period);
            return !Disposed;
        }

        public void Dispose()
        {
            Disposed = true;
            clock.Arm(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
