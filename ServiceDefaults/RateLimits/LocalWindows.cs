namespace ServiceDefaults.RateLimits;

/// <summary>
/// The same windows in this process, for the time while Redis is unavailable. It also records what Redis admits, so that an outage gives nobody a
/// fresh allowance; it does not know what other instances have admitted.
/// </summary>
internal sealed class LocalWindows(TimeProvider clock)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Log> _logs = [];
    private long _swept = clock.GetTimestamp();

    /// <summary>Counts a request; see <see cref="RedisWindows.CountAsync"/>.</summary>
    public Counted Count(CountedWindow[] windows, bool take)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            Sweep(now);
            var logs = Array.ConvertAll(windows, window => LogOf(window, now));
            var isFree = windows.Zip(logs).All(pair => pair.Second.Times.Count < pair.First.Limit);
            if (isFree && take) Add(logs, now);
            return new(isFree, [.. windows.Zip(logs, (window, log) => new WindowState(window.Limit, log.Times.Count, UntilFree(window, log, now)))]);
        }
    }

    /// <summary>Records a request that Redis has admitted.</summary>
    public void Note(CountedWindow[] windows)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            Sweep(now);
            Add(Array.ConvertAll(windows, window => LogOf(window, now)), now);
        }
    }

    // Without the entries that have left the window.
    private Log LogOf(CountedWindow window, long now)
    {
        if (!_logs.TryGetValue(window.Key, out var log)) _logs.Add(window.Key, log = new(window.Length));
        while (log.Times.TryPeek(out var oldest) && clock.GetElapsedTime(oldest, now) >= log.Length) log.Times.Dequeue();
        return log;
    }

    private static void Add(Log[] logs, long now)
    {
        foreach (var log in logs) log.Times.Enqueue(now);
    }

    private TimeSpan UntilFree(CountedWindow window, Log log, long now) => log.Times.Count == 0
        ? TimeSpan.Zero
        : log.Length - clock.GetElapsedTime(log.Times.ElementAt(Math.Max(0, log.Times.Count - window.Limit)), now);

    // Users that no longer call, and e-mails that somebody tried, would otherwise accumulate.
    private void Sweep(long now)
    {
        if (clock.GetElapsedTime(_swept, now) < SweepInterval) return;
        _swept = now;
        foreach (var (key, log) in _logs.ToArray())
            if (log.Times.All(time => clock.GetElapsedTime(time, now) >= log.Length)) _logs.Remove(key);
    }

    private sealed record Log(TimeSpan Length)
    {
        public Queue<long> Times { get; } = new();
    }
}
