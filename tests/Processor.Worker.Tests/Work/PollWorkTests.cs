using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Processor.Worker.Work;
using Support;

namespace Processor.Worker.Tests.Work;

/// <summary>Work that is found by polling, with a list in the place of a table.</summary>
public sealed class PollWorkTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), Lease = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<int> _due = new();
    private readonly ConcurrentQueue<int> _asked = new();
    private readonly FakeClock _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Problems _problems;
    private Exception? _claimFails;

    public PollWorkTests() => _problems = new(_services.GetRequiredService<IMeterFactory>(), _clock, NullLogger<Problems>.Instance);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task It_looks_at_once_again_while_a_look_finds_all_that_there_is_room_for_and_else_after_the_interval()
    {
        foreach (var n in Enumerable.Range(1, 5)) _due.Enqueue(n);
        var done = new ConcurrentQueue<int>();
        using var work = Work(places: 2, claim =>
        {
            done.Enqueue(claim);
            return Task.CompletedTask;
        });
        await work.StartAsync(Cancelled);

        await Eventually.TrueAsync(_ => Task.FromResult(done.Count == 5), Cancelled);
        await _clock.WaitForTimersAsync(1, Cancelled);
        var looks = _asked.Count;
        _due.Enqueue(6);
        _clock.Advance(Interval);

        await Eventually.TrueAsync(_ => Task.FromResult(done.Count == 6), Cancelled);
        Assert.Equal(looks + 1, _asked.Count);
        await work.StopAsync(Cancelled);
    }

    [Fact]
    public async Task It_claims_no_more_than_it_has_places_for()
    {
        foreach (var n in Enumerable.Range(1, 10)) _due.Enqueue(n);
        var (running, most, go) = (0, 0, new SemaphoreSlim(0));
        using var work = Work(places: 3, async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await go.WaitAsync(Cancelled);
            Interlocked.Decrement(ref running);
        });
        await work.StartAsync(Cancelled);

        await Eventually.TrueAsync(_ => Task.FromResult(Volatile.Read(ref running) == 3), Cancelled);
        Assert.Equal(7, _due.Count);
        go.Release(10);
        await Eventually.TrueAsync(_ => Task.FromResult(_due.IsEmpty && Volatile.Read(ref running) == 0), Cancelled);

        Assert.Equal(3, most);
        await work.StopAsync(Cancelled);
    }

    [Fact]
    public async Task When_it_cannot_look_it_says_so_and_looks_again_after_the_interval()
    {
        _claimFails = new NpgsqlException("away");
        var done = 0;
        using var work = Work(places: 1, _ =>
        {
            Interlocked.Increment(ref done);
            return Task.CompletedTask;
        });
        await work.StartAsync(Cancelled);
        await Eventually.TrueAsync(_ => Task.FromResult(_problems.Current.Count == 1), Cancelled);
        Assert.StartsWith("things cannot be claimed", _problems.Current[0], StringComparison.Ordinal);

        _due.Enqueue(1);
        _claimFails = null;
        await _clock.WaitForTimersAsync(1, Cancelled);
        _clock.Advance(Interval);

        await Eventually.TrueAsync(_ => Task.FromResult(Volatile.Read(ref done) == 1 && _problems.Current.Count == 0), Cancelled);
        await work.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_claim_that_fails_for_what_is_in_it_is_told_and_holds_up_no_other()
    {
        foreach (var n in Enumerable.Range(1, 3)) _due.Enqueue(n);
        var done = new ConcurrentQueue<int>();
        using var work = Work(places: 1, claim =>
        {
            if (claim == 2) throw new InvalidOperationException("no such thing");
            done.Enqueue(claim);
            return Task.CompletedTask;
        });
        await work.StartAsync(Cancelled);

        await Eventually.TrueAsync(_ => Task.FromResult(done.Count == 2), Cancelled);

        Assert.Equal([1, 3], done);
        Assert.StartsWith("The outcome of things 2 cannot be recorded", Assert.Single(_problems.Current), StringComparison.Ordinal);
        await work.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_stop_waits_for_the_claims_that_run()
    {
        _due.Enqueue(1);
        var (begun, go, ended) = (new TaskCompletionSource(), new TaskCompletionSource(), false);
        using var work = Work(places: 1, async _ =>
        {
            begun.SetResult();
            await go.Task;
            ended = true;
        });
        await work.StartAsync(Cancelled);
        await begun.Task.WaitAsync(Cancelled);

        var stop = work.StopAsync(Cancelled);
        Assert.False(stop.IsCompleted);
        go.SetResult();
        await stop;

        Assert.True(ended);
    }

    private PollWork<int> Work(int places, Func<int, Task> runAsync) => new(
        new("things", Interval, places, Lease, ClaimAsync, claim => $"{claim}", runAsync), _problems, _clock, NullLogger<PollWork<int>>.Instance);

    private Task<IReadOnlyList<int>> ClaimAsync(int most, TimeSpan lease, CancellationToken cancellationToken)
    {
        if (_claimFails is { } failure) throw failure;
        Assert.Equal(Lease, lease);
        _asked.Enqueue(most);
        var claimed = new List<int>();
        while (claimed.Count < most && _due.TryDequeue(out var one)) claimed.Add(one);
        return Task.FromResult<IReadOnlyList<int>>(claimed);
    }
}
