using Microsoft.Extensions.Time.Testing;

namespace Support;

/// <summary>
/// <see cref="FakeTimeProvider"/>, and what that lacks:
/// <list type="bullet">
/// <item>one can await that the code under test has begun to wait (<see cref="WaitForTimersAsync"/>);</item>
/// <item>a wall clock that somebody sets (<see cref="AdjustTime"/>) leaves <see cref="GetTimestamp"/> alone, as on a real machine;</item>
/// <item>timestamps begin at 0: <see cref="TimeProvider.GetElapsedTime(long)"/> reckons in double, which has no single ticks left in the year 2026.</item>
/// </list>
/// </summary>
public sealed class FakeClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Lock _gate = new();
    private readonly HashSet<CountedTimer> _running = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _zero = start.UtcTicks;

    /// <summary>A clock that stands at 2026-01-15T10:30:00Z.</summary>
    public FakeClock() : this(new DateTimeOffset(2026, 1, 15, 10, 30, 0, TimeSpan.Zero))
    {
    }

    /// <inheritdoc />
    public override long GetTimestamp() => base.GetTimestamp() - _zero;

    /// <summary>Puts the clock on the wall forward or back. Neither timers nor <see cref="GetTimestamp"/> go by it.</summary>
    public new void AdjustTime(DateTimeOffset now)
    {
        _zero += (now - GetUtcNow()).Ticks;
        base.AdjustTime(now);
    }

    /// <summary>
    /// Waits until at least <paramref name="count"/> timers run. The code under test must have begun to wait before time passes,
    /// or it waits for a time that is over: await this before Advance.
    /// </summary>
    public async Task WaitForTimersAsync(int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_running.Count >= count) return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new CountedTimer(this);
        timer.Inner = base.CreateTimer(
            _ =>
            {
                if (!timer.IsPeriodic) timer.End();
                callback(state);
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Count(CountedTimer timer, bool isRunning)
    {
        if (isRunning) _running.Add(timer);
        else _running.Remove(timer);
        _changed.SetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class CountedTimer(FakeClock clock) : ITimer
    {
        private bool _isOver;

        public ITimer Inner { private get; set; } = null!;

        public bool IsPeriodic { get; private set; }

        // Counted when it runs, and not before: a test that lets time pass in between would wait for good, since the timer then begins at the new time. It may
        // fall due, and be over, within the inner call.
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                (IsPeriodic, _isOver) = (period > TimeSpan.Zero, false);
                clock.Count(this, isRunning: false);
            }

            var isChanged = Inner.Change(dueTime, period);
            lock (clock._gate)
            {
                if (isChanged && dueTime >= TimeSpan.Zero && !_isOver) clock.Count(this, isRunning: true);
            }

            return isChanged;
        }

        /// <summary>It has fallen due, and does not again.</summary>
        public void End()
        {
            lock (clock._gate)
            {
                _isOver = true;
                clock.Count(this, isRunning: false);
            }
        }

        public void Dispose()
        {
            Inner.Dispose();
            End();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
