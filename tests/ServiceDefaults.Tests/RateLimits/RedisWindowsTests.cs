using ServiceDefaults.RateLimits;
using StackExchange.Redis;
using Support;

namespace ServiceDefaults.Tests.RateLimits;

public sealed class RedisWindowsTests(RedisServer redis)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly string _subject = Guid.NewGuid().ToString("N");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_instances_let_through_exactly_the_limit_between_them()
    {
        await using var one = await LimiterInstance.StartAsync(redis.ConnectionString);
        await using var other = await LimiterInstance.StartAsync(redis.ConnectionString);

        var decisions = await Task.WhenAll(Enumerable.Range(0, 4000).Select(i => Task.Run(() => (i % 2 == 0 ? one : other).Limiter.TakeAsync(Window(1000)))));

        Assert.Equal(1000, decisions.Count(decision => decision.IsAdmitted));
        Assert.Equal(Enumerable.Range(0, 1000), decisions.Where(decision => decision.IsAdmitted).Select(decision => decision.Remaining).Order());
        Assert.All(decisions.Where(decision => !decision.IsAdmitted), decision => Assert.Equal(0, decision.Remaining));
    }

    [Fact(Timeout = 60_000)]
    public async Task Never_more_than_the_limit_in_any_window_wherever_it_begins()
    {
        const int Limit = 7;
        var length = TimeSpan.FromMilliseconds(250);
        var clock = TimeProvider.System;
        var admitted = 0;
        await using var one = await LimiterInstance.StartAsync(redis.ConnectionString);
        await using var other = await LimiterInstance.StartAsync(redis.ConnectionString);

        // Until it has slid a few times; each request is let through at some moment between these two.
        var passed = (await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var mine = new List<(long Before, long After)>();
            while (Volatile.Read(ref admitted) < 8 * Limit)
            {
                var before = clock.GetTimestamp();
                if (!(await (i % 2 == 0 ? one : other).Limiter.TakeAsync(Window(Limit, length))).IsAdmitted) continue;
                mine.Add((before, clock.GetTimestamp()));
                Interlocked.Increment(ref admitted);
            }

            return mine;
        })))).SelectMany(mine => mine).ToList();

        Assert.All(passed, last => Assert.InRange(
            passed.Count(other => other.After <= last.After && clock.GetElapsedTime(other.Before, last.After) < length), 0, Limit));
    }

    [Fact]
    public async Task A_place_is_free_again_once_its_request_has_left_the_window()
    {
        await using var instance = await LimiterInstance.StartAsync(redis.ConnectionString);
        var window = Window(2, TimeSpan.FromMilliseconds(300));
        Assert.True((await instance.Limiter.TakeAsync(window)).IsAdmitted);
        Assert.True((await instance.Limiter.TakeAsync(window)).IsAdmitted);

        var refused = await Eventually.GetAsync(_ => instance.Limiter.TakeAsync(window), decision => decision.IsAdmitted || decision.Wait > TimeSpan.Zero, Ct);
        Assert.InRange(refused.Wait, TimeSpan.Zero, window.Length);
        await Eventually.TrueAsync(async _ => (await instance.Limiter.TakeAsync(window)).IsAdmitted, Ct);
    }

    [Fact]
    public async Task A_refused_request_takes_a_place_in_none_of_its_windows()
    {
        await using var instance = await LimiterInstance.StartAsync(redis.ConnectionString);
        CountedWindow narrow = Window(1), wide = Window(3) with { Policy = "wide" };

        Assert.True((await instance.Limiter.TakeAsync(wide, narrow)).IsAdmitted);
        for (var i = 0; i < 10; i++) Assert.False((await instance.Limiter.TakeAsync(wide, narrow)).IsAdmitted);

        Assert.Equal(2, (await instance.Limiter.LookAsync(wide)).Remaining);
    }

    [Fact]
    public async Task The_tightest_limit_is_the_one_that_is_told()
    {
        await using var instance = await LimiterInstance.StartAsync(redis.ConnectionString);
        CountedWindow narrow = Window(2), wide = Window(100) with { Policy = "wide" };

        var decision = await instance.Limiter.TakeAsync(wide, narrow);
        Assert.Equal((true, 2, 1), (decision.IsAdmitted, decision.Limit, decision.Remaining));

        Assert.Equal((true, 99), (true, (await instance.Limiter.LookAsync(wide)).Remaining));
        await instance.Limiter.TakeAsync(narrow);
        decision = await instance.Limiter.TakeAsync(wide, narrow);
        Assert.Equal((false, 2, 0), (decision.IsAdmitted, decision.Limit, decision.Remaining));
        Assert.InRange(decision.Wait, Long - TimeSpan.FromMinutes(5), Long);
    }

    [Fact]
    public async Task Looking_counts_nothing()
    {
        await using var instance = await LimiterInstance.StartAsync(redis.ConnectionString);

        for (var i = 0; i < 5; i++) Assert.True((await instance.Limiter.LookAsync(Window(1))).IsAdmitted);
        Assert.True((await instance.Limiter.TakeAsync(Window(1))).IsAdmitted);
        Assert.False((await instance.Limiter.LookAsync(Window(1))).IsAdmitted);
    }

    [Fact]
    public async Task What_it_keeps_expires_with_its_window()
    {
        await using var instance = await LimiterInstance.StartAsync(redis.ConnectionString);
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var key = $"aspirewebhooks:{{limits}}:{Window(1).Key}";
        await instance.Limiter.TakeAsync(Window(1));
        await instance.Limiter.TakeAsync(Window(1));

        Assert.Equal(1, await connection.GetDatabase().SortedSetLengthAsync(key));
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync(key))!.Value, Long - TimeSpan.FromMinutes(5), Long);
    }

    private CountedWindow Window(int limit, TimeSpan? length = null) => new("narrow", _subject, limit, length ?? Long);
}
