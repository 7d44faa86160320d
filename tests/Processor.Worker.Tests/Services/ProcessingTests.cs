using Contracts;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class ProcessingTests(Servers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Every_transaction_is_processed_never_early_and_every_offset_is_committed()
    {
        // What is read after its time cannot be early: the worker must be there before.
        await _world.StartWorker().UntilOwnsAsync(Topics.Partitions);
        await _world.AcceptAsync(Enumerable.Range(0, 200).Select(i => $"txn_{i}"));

        var rows = await _world.UntilAllProcessedAsync();
        Assert.Equal(200, rows.Count);
        Assert.All(rows, row => Assert.True(row.ProcessedAfter >= Delay, $"{row}"));
        Assert.All(rows, row => Assert.Equal((0, null), (row.Attempts, row.FailureReason)));
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task A_worker_whose_clock_is_an_hour_ahead_is_neither_early_nor_stuck()
    {
        var delay = TimeSpan.FromSeconds(3);
        var worker = _world.StartWorker(
            new WrongClock(TimeSpan.FromHours(1)), ("Processing:Delay", delay.ToString()), ("Processing:MaxBatchesInFlight", "1"));
        await worker.UntilOwnsAsync(Topics.Partitions);
        await _world.AcceptAsync(Enumerable.Range(0, 50).Select(i => $"txn_{i}"));
        await _world.AcceptAsync(Enumerable.Range(50, 50).Select(i => $"txn_{i}"));

        Assert.All(await _world.UntilAllProcessedAsync(), row => Assert.True(row.ProcessedAfter >= delay, $"{row}"));
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task A_worker_whose_clock_is_an_hour_behind_is_not_stuck()
    {
        await _world.StartWorker(new WrongClock(TimeSpan.FromHours(-1))).UntilOwnsAsync(Topics.Partitions);
        await _world.AcceptAsync("txn_1", "txn_2");

        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task A_record_that_comes_twice_is_processed_once()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        _world.StartWorker(null, ("Processing:Url", receiver.Url));
        var createdAt = await _world.InsertAsync("txn_1");
        await _world.PublishAsync("txn_1", createdAt);
        await _world.PublishAsync("txn_1", createdAt);
        await _world.UntilAllProcessedAsync();
        await _world.PublishAsync("txn_1", createdAt);

        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(["txn_1"], receiver.Requests.Select(request => request.Key));
        Assert.Equal(0L, await _world.ScalarAsync<long>("SELECT count(*) FROM dead_letters"));
    }

    [Fact]
    public async Task A_late_record_does_not_wait_behind_those_that_wait()
    {
        _world.StartWorker(null, ("Processing:Delay", "00:00:40"));
        await _world.AcceptAsync(Enumerable.Range(0, 50).Select(i => $"waits_{i}"));
        for (var i = 0; i < 12; i++) await _world.PublishAsync($"late_{i}", await _world.InsertAsync($"late_{i}", age: TimeSpan.FromMinutes(5)));

        await _world.UntilAllAsync(row => row.IsProcessed == row.Id.StartsWith("late", StringComparison.Ordinal));
    }

    /// <summary>On the wall wrong, by the timers right: as a machine whose clock nobody keeps.</summary>
    private sealed class WrongClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
