using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Batches;

namespace ServiceDefaults.Tests;

/// <summary>Each batch waits until the test lets it go on, and its items get its size for a result.</summary>
public sealed class BatchQueueTests
{
    private readonly AsyncLocal<string?> _ambient = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly Held _held = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_that_comes_while_nothing_is_at_work_is_begun_at_once()
    {
        var queue = Queue(new("test") { MinBatchBesideAnother = 3 });

        var result = queue.TryEnqueue("a")!;

        Assert.Equal(["a"], await _held.NextAsync());
        _held.LetGo();
        Assert.Equal(1, await result.WaitAsync(Cancelled));
    }

    [Fact]
    public async Task What_waits_while_a_batch_is_at_work_shares_the_next_one()
    {
        var queue = Queue(new("test"));
        var first = queue.TryEnqueue("a")!;
        await _held.NextAsync();
        Task<int>[] others = [queue.TryEnqueue("b")!, queue.TryEnqueue("c")!, queue.TryEnqueue("d")!];
        Assert.Equal(3, queue.Waiting);

        _held.LetGo();
        Assert.Equal(["b", "c", "d"], await _held.NextAsync());
        _held.LetGo();

        Assert.Equal(1, await first.WaitAsync(Cancelled));
        Assert.All(await Task.WhenAll(others).WaitAsync(Cancelled), size => Assert.Equal(3, size));
    }

    [Fact]
    public async Task Enough_items_do_not_wait_for_the_batch_that_is_at_work_and_fewer_do()
    {
        var queue = Queue(new("test") { MaxInFlight = 2, MinBatchBesideAnother = 3 });
        _ = queue.TryEnqueue("a");
        await _held.NextAsync();
        _ = queue.TryEnqueue("b");
        _ = queue.TryEnqueue("c");
        Assert.Equal(2, queue.Waiting);

        _ = queue.TryEnqueue("d");

        Assert.Equal(["b", "c", "d"], await _held.NextAsync());
        Assert.Equal(0, queue.Waiting);
        _held.LetGo(2);
    }

    [Fact]
    public async Task No_more_batches_are_at_work_than_are_allowed()
    {
        var queue = Queue(new("test") { MaxInFlight = 2 });
        foreach (var item in (string[])["a", "b", "c"])
        {
            _ = queue.TryEnqueue(item);
            if (item != "c") await _held.NextAsync();
        }

        Assert.Equal((1, 2), (queue.Waiting, _held.AtWork));
        _held.LetGo(3);
        Assert.Equal(["c"], await _held.NextAsync());
    }

    [Fact]
    public async Task A_batch_has_the_items_that_wait_longest_and_no_more_than_it_may_have()
    {
        var queue = Queue(new("test") { MaxBatch = 2 });
        _ = queue.TryEnqueue("a");
        await _held.NextAsync();
        foreach (var item in (string[])["b", "c", "d"]) _ = queue.TryEnqueue(item);

        _held.LetGo(3);

        Assert.Equal(["b", "c"], await _held.NextAsync());
        Assert.Equal(["d"], await _held.NextAsync());
    }

    [Fact]
    public async Task Beyond_its_capacity_an_item_is_not_taken()
    {
        var queue = Queue(new("test") { Capacity = 2 });
        _ = queue.TryEnqueue("at work");
        await _held.NextAsync();
        Assert.NotNull(queue.TryEnqueue("a"));
        Assert.NotNull(queue.TryEnqueue("b"));

        Assert.Null(queue.TryEnqueue("c"));

        Assert.Equal(2, queue.Waiting);
        _held.LetGo(2);
    }

    [Fact]
    public async Task An_item_that_has_waited_too_long_is_refused_and_its_work_is_not_begun()
    {
        var queue = Queue(new("test") { MaxWait = TimeSpan.FromSeconds(5) });
        _ = queue.TryEnqueue("at work");
        await _held.NextAsync();
        var late = queue.TryEnqueue("late")!;
        _clock.Advance(TimeSpan.FromSeconds(5.1));
        _ = queue.TryEnqueue("in time");

        _held.LetGo(2);

        await Assert.ThrowsAsync<TimeoutException>(() => late.WaitAsync(Cancelled));
        Assert.Equal(["in time"], await _held.NextAsync());
    }

    [Fact]
    public async Task A_batch_that_fails_fails_those_that_have_no_result_and_the_next_one_runs()
    {
        var queue = new BatchQueue<string, int>(new("test"), async batch =>
        {
            await _held.RunAsync(batch.Count == 2 ? [batch[0]] : batch);
            if (batch.Count == 2) throw new InvalidOperationException("the statement");
        }, _clock);
        _ = queue.TryEnqueue("opener");
        await _held.NextAsync();
        Task<int>[] results = [queue.TryEnqueue("a")!, queue.TryEnqueue("b")!];
        _held.LetGo(3);

        Assert.Equal(1, await results[0].WaitAsync(Cancelled));
        Assert.Equal("the statement", (await Assert.ThrowsAsync<InvalidOperationException>(() => results[1].WaitAsync(Cancelled))).Message);
        Assert.Equal(1, await queue.TryEnqueue("next")!.WaitAsync(Cancelled));
    }

    [Fact]
    public async Task An_item_that_is_refused_fails_alone_and_its_neighbours_are_done_one_by_one()
    {
        var queue = new BatchQueue<string, int>(new("test") { IsForOneItem = exception => exception is FormatException }, async batch =>
        {
            if (batch.Any(item => item.Item == "bad")) throw new FormatException("bad");
            await _held.RunAsync(batch);
        }, _clock);
        _ = queue.TryEnqueue("opener");
        await _held.NextAsync();
        Task<int>[] results = [queue.TryEnqueue("a")!, queue.TryEnqueue("bad")!, queue.TryEnqueue("c")!];
        _held.LetGo(3);

        Assert.Equal("bad", (await Assert.ThrowsAsync<FormatException>(() => results[1].WaitAsync(Cancelled))).Message);
        Assert.Equal(1, await results[0].WaitAsync(Cancelled));
        Assert.Equal(1, await results[2].WaitAsync(Cancelled));
        Assert.Equal(["a"], await _held.NextAsync());
        Assert.Equal(["c"], await _held.NextAsync());
    }

    [Fact]
    public async Task An_item_that_the_work_forgets_gets_an_exception_and_does_not_wait_for_ever()
    {
        var queue = new BatchQueue<string, int>(new("forgetful"), _ => Task.CompletedTask, _clock);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => queue.TryEnqueue("a")!.WaitAsync(Cancelled));

        Assert.Contains("forgetful", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_work_runs_in_no_callers_context_and_its_span_links_to_all_of_them()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "AspireWebhooks.Batches" or nameof(BatchQueueTests),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource(nameof(BatchQueueTests));
        var seen = new List<(string? Ambient, ActivityTraceId Trace, ActivityContext[] Links)>();
        var queue = new BatchQueue<string, int>(new("linked"), async batch =>
        {
            lock (seen) seen.Add((_ambient.Value, Activity.Current?.TraceId ?? default, [.. Activity.Current?.Links.Select(link => link.Context) ?? []]));
            await _held.RunAsync(batch);
        }, _clock);
        _ambient.Value = "a caller's";
        _ = queue.TryEnqueue("at work without a span");
        await _held.NextAsync();
        var callers = (string[])["b", "c"];
        var contexts = callers.Select(item =>
        {
            using var request = source.StartActivity(item, ActivityKind.Server, parentContext: default);
            _ = queue.TryEnqueue(item);
            return request!.Context;
        }).ToArray();

        _held.LetGo(2);
        await _held.NextAsync();

        var (ambient, trace, links) = seen[^1];
        Assert.Null(ambient);
        Assert.Equal(contexts, links);
        Assert.DoesNotContain(trace, contexts.Select(context => context.TraceId));
    }

    private static Task Done(IReadOnlyList<QueuedItem<string, int>> batch)
    {
        foreach (var item in batch) item.TrySetResult(batch.Count);
        return Task.CompletedTask;
    }

    private BatchQueue<string, int> Queue(BatchQueueOptions options) => new(options, _held.RunAsync, _clock);

    /// <summary>Work that tells of each batch, and waits to be let go.</summary>
    private sealed class Held
    {
        private readonly Channel<string[]> _batches = Channel.CreateUnbounded<string[]>();
        private readonly SemaphoreSlim _go = new(0);
        private int _atWork;

        public int AtWork => Volatile.Read(ref _atWork);

        public async Task RunAsync(IReadOnlyList<QueuedItem<string, int>> batch)
        {
            Interlocked.Increment(ref _atWork);
            await _batches.Writer.WriteAsync([.. batch.Select(item => item.Item)]);
            await _go.WaitAsync();
            Interlocked.Decrement(ref _atWork);
            await Done(batch);
        }

        public async Task<string[]> NextAsync() => await _batches.Reader.ReadAsync(Cancelled);

        public void LetGo(int batches = 1) => _go.Release(batches);
    }
}
