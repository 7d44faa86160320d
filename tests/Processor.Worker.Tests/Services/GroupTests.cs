using Contracts;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class GroupTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Two_workers_share_the_work_and_one_that_stops_loses_nothing_and_does_nothing_twice()
    {
        await using var receiver = await Receiver.StartAsync(_ => 200);
        var first = _world.StartWorker(null, ("Processing:Url", receiver.Url));
        await first.UntilOwnsAsync(Topics.Partitions);
        var second = _world.StartWorker(null, ("Processing:Url", receiver.Url));
        await Eventually.GetAsync(
            _ => Task.FromResult((First: first.Partitions, Second: second.Partitions)),
            owned => owned.First > 0 && owned.Second > 0 && owned.First + owned.Second == Topics.Partitions, Cancelled);

        var ids = Enumerable.Range(0, 300).Select(i => $"txn_{i}").ToArray();
        await _world.AcceptAsync(ids);
        await Eventually.GetAsync(_ => Task.FromResult(receiver.Requests.Count), count => count > 0, Cancelled);
        await first.StopAsync();

        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(ids.Order(StringComparer.Ordinal), receiver.Requests.Select(request => request.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_stops_hands_its_partitions_on_at_once_and_takes_its_row_away()
    {
        var first = _world.StartWorker();
        await first.UntilOwnsAsync(Topics.Partitions);
        var second = _world.StartWorker();
        await second.UntilOwnsAsync(Topics.Partitions / 2);

        await first.StopAsync();

        // Who had not left would be a member until its session is over. The embedded broker does not say who is.
        if (Servers.IsRealKafka) Assert.Equal(1, await _world.Offsets.MembersAsync());
        await second.UntilOwnsAsync(Topics.Partitions);
        Assert.Equal(1L, await _world.ScalarAsync<long>("SELECT count(*) FROM worker_instances"));
    }

    [Fact]
    public async Task What_waits_in_one_worker_when_it_stops_is_done_by_the_next()
    {
        var first = _world.StartWorker();
        await first.UntilOwnsAsync(Topics.Partitions);
        await _world.AcceptAsync(Enumerable.Range(0, 100).Select(i => $"txn_{i}"));
        await first.StopAsync();

        _world.StartWorker();
        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
    }
}
