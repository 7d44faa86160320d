using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ServiceDefaults.RateLimits;
using Support;

namespace ServiceDefaults.Tests.RateLimits;

public sealed class FallbackTests(RedisServer redis)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly string _subject = Guid.NewGuid().ToString("N");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_Redis_is_away_each_instance_counts_by_itself_and_after_that_together_again()
    {
        await using var cable = CableTo(redis.ConnectionString, out var throughCable);
        using var logs = new Lines();
        await using var instance = await LimiterInstance.StartAsync(throughCable, logs: logs);
        await using var other = await LimiterInstance.StartAsync(redis.ConnectionString);
        Assert.True((await instance.Limiter.TakeAsync(Window("a", 3))).IsAdmitted);

        cable.Cut();
        await Eventually.TrueAsync(async _ => !(await instance.Limiter.LookAsync(Window("probe", 1))).IsAdmitted || logs.Count(120) == 1, Ct);

        // One of the three is what Redis let through before: an outage gives nobody a fresh allowance.
        var decisions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => instance.Limiter.TakeAsync(Window("a", 3))));
        Assert.Equal(2, decisions.Count(decision => decision.IsAdmitted));

        cable.Plug();
        await Eventually.TrueAsync(
            async _ =>
            {
                await instance.Limiter.LookAsync(Window("probe", 1));
                return logs.Count(121) == 1;
            },
            Ct);
        Assert.True((await instance.Limiter.TakeAsync(Window("b", 2))).IsAdmitted);
        Assert.True((await other.Limiter.TakeAsync(Window("b", 2))).IsAdmitted);
        Assert.False((await instance.Limiter.TakeAsync(Window("b", 2))).IsAdmitted);
        Assert.Equal((1, 1), (logs.Count(120), logs.Count(121)));
    }

    [Fact(Timeout = 60_000)]
    public async Task Redis_that_hangs_costs_one_request_its_time_out_and_the_others_nothing()
    {
        await using var cable = CableTo(redis.ConnectionString, out var throughCable);
        using var logs = new Lines();
        var clock = new FakeClock();
        await using var instance = await LimiterInstance.StartAsync(throughCable, clock, "00:00:00.25", logs);
        cable.Block();

        var first = instance.Limiter.TakeAsync(Window("a", 3));
        await clock.WaitForTimersAsync(1, Ct);
        Assert.False(first.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(250));
        Assert.True((await first).IsAdmitted);

        // The clock stands: whoever waited for Redis now would wait for ever.
        Assert.True((await instance.Limiter.TakeAsync(Window("a", 3))).IsAdmitted);
        Assert.True((await instance.Limiter.TakeAsync(Window("a", 3))).IsAdmitted);
        Assert.False((await instance.Limiter.TakeAsync(Window("a", 3))).IsAdmitted);

        // The pause is over: one asks, the others still do not.
        clock.Advance(TimeSpan.FromMilliseconds(100));
        var probe = instance.Limiter.TakeAsync(Window("b", 3));
        Assert.True((await instance.Limiter.TakeAsync(Window("b", 3))).IsAdmitted);
        Assert.False(probe.IsCompleted);
        cable.Unblock();
        Assert.True((await probe).IsAdmitted);
        Assert.Equal((1, 1), (logs.Count(120), logs.Count(121)));
    }

    [Fact]
    public async Task Without_a_connection_string_the_process_counts_alone()
    {
        using var logs = new Lines();
        await using var instance = await LimiterInstance.StartAsync(redis: null, logs: logs);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => instance.Limiter.TakeAsync(Window("a", 100)))));

        Assert.Equal(100, decisions.Count(decision => decision.IsAdmitted));
        Assert.Equal((1, 0), (logs.Count(122), logs.Count(120)));
    }

    [Fact]
    public async Task A_service_starts_though_Redis_is_away()
    {
        await using var cable = CableTo(redis.ConnectionString, out var throughCable);
        cable.Cut();
        using var logs = new Lines();
        await using var instance = await LimiterInstance.StartAsync(throughCable, logs: logs, isRedisAway: true);

        Assert.True((await instance.Limiter.TakeAsync(Window("a", 1))).IsAdmitted);
        Assert.False((await instance.Limiter.TakeAsync(Window("a", 1))).IsAdmitted);
        Assert.Equal(1, logs.Count(120));
    }

    // Of "host:port,options": the same by way of the cable.
    private static Cable CableTo(string connectionString, out string throughCable)
    {
        var parts = connectionString.Split(',', 2);
        var endpoint = parts[0].Split(':');
        var cable = new Cable(endpoint[0], int.Parse(endpoint[1], null));
        throughCable = $"127.0.0.1:{cable.Port},{parts[1]}";
        return cable;
    }

    private CountedWindow Window(string policy, int limit) => new(policy, _subject, limit, Long);

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<int> _ids = new();

        public int Count(int id) => _ids.Count(seen => seen == id);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _ids.Enqueue(eventId.Id);

        public void Dispose()
        {
        }
    }
}
