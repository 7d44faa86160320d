using Contracts;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class DatabaseAwayTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Nothing_is_committed_while_the_database_is_away_and_all_is_processed_when_it_is_back()
    {
        var worker = _world.StartWorker(null, ("Processing:Delay", "00:00:15"));
        await worker.UntilOwnsAsync(Topics.Partitions);
        var before = _world.Offsets.CommittedText();
        await _world.AcceptAsync(Enumerable.Range(0, 100).Select(i => $"txn_{i}"));
        await Eventually.TrueAsync(_ => Task.FromResult(worker.Waiting == 100), TestContext.Current.CancellationToken);
        await _world.CutDatabaseAsync();

        // It tries, fails, says so, and stays in its group with what it has.
        using var health = await worker.GetAsync("/health/worker");
        Assert.Equal(503, (int)health.StatusCode);
        await Eventually.TrueAsync(_ => Task.FromResult(worker.IsDatabaseAway), TestContext.Current.CancellationToken);
        Assert.Equal(Topics.Partitions, worker.Partitions);
        Assert.Equal(before, _world.Offsets.CommittedText());
        Assert.Equal(100, worker.Waiting);

        await _world.GiveDatabaseBackAsync();
        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();

        // Reading goes on, too.
        await _world.AcceptAsync("after");
        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task A_worker_can_stop_while_the_database_is_away_and_the_next_one_does_its_work()
    {
        var worker = _world.StartWorker();
        await worker.UntilOwnsAsync(Topics.Partitions);
        var before = _world.Offsets.CommittedText();
        var createdAt = await _world.InsertAsync("txn_1");
        await _world.CutDatabaseAsync();
        await _world.PublishAsync("txn_1", createdAt);
        await Eventually.TrueAsync(_ => Task.FromResult(worker.IsDatabaseAway), TestContext.Current.CancellationToken);

        await worker.StopAsync();
        await _world.GiveDatabaseBackAsync();
        Assert.Equal(before, _world.Offsets.CommittedText());

        _world.StartWorker();
        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
    }
}
