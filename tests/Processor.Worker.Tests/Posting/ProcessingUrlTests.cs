using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Posting;

[Trait("Kafka", "yes")]
public sealed class ProcessingUrlTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task What_fails_twice_comes_back_by_the_relay_and_is_processed()
    {
        await using var receiver = await Receiver.StartAsync(request => request.Attempt < 3 ? 500 : 200);
        _world.StartWorker(null, ("Processing:Url", receiver.Url), ("Processing:RetryBase", "00:00:00.200"));
        await _world.AcceptAsync("txn_1", "txn_2");

        Assert.All(await _world.UntilAllProcessedAsync(), row => Assert.Equal(2, row.Attempts));
        Assert.Equal(6, receiver.Requests.Count);
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task What_always_fails_is_given_up_after_three_attempts_and_blocks_nothing()
    {
        await using var receiver = await Receiver.StartAsync(request => request.Key == "bad" ? 500 : 200);
        _world.StartWorker(null, ("Processing:Url", receiver.Url), ("Processing:RetryBase", "00:00:00.200"));
        await _world.AcceptAsync("bad", "good");

        var rows = await _world.UntilAllAsync(row => row.Status == (row.Id == "bad" ? "FAILED" : "PROCESSED"));
        Assert.Equal((3, "Given up after 3 attempts: at the last one the processor answered HTTP 500."), (rows[0].Attempts, rows[0].FailureReason));
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task What_is_refused_is_failed_with_the_reason_and_not_sent_again()
    {
        await using var receiver = await Receiver.StartAsync(_ => 422);
        _world.StartWorker(null, ("Processing:Url", receiver.Url));
        await _world.AcceptAsync("txn_1");

        var row = Assert.Single(await _world.UntilAllAsync(row => row.Status == "FAILED"));
        Assert.Equal((1, "The processor refused the transaction with HTTP 422."), (row.Attempts, row.FailureReason));
        await _world.Offsets.UntilAtEndAsync();
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_retry_waits_for_its_time_whatever_the_partition_does()
    {
        await using var receiver = await Receiver.StartAsync(_ => 500);
        _world.StartWorker(null, ("Processing:Url", receiver.Url), ("Processing:RetryBase", "00:01:00"));
        await _world.AcceptAsync("txn_1");

        var row = Assert.Single(await _world.UntilAllAsync(row => row.Attempts == 1));
        Assert.Equal("PROCESSING", row.Status);
        Assert.InRange(row.NextPublishIn, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(72));
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task What_was_sent_is_recorded_and_not_sent_again_when_the_database_goes_in_between()
    {
        await using var receiver = await Receiver.StartAsync(async (request, _) =>
        {
            if (request.Attempt == 1) await _world.CutDatabaseAsync();
            return 200;
        });
        var worker = _world.StartWorker(null, ("Processing:Url", receiver.Url));
        await _world.AcceptAsync("txn_1");
        await Eventually.TrueAsync(_ => Task.FromResult(worker.IsDatabaseAway), TestContext.Current.CancellationToken);

        await _world.GiveDatabaseBackAsync();
        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task What_was_sent_is_recorded_by_a_stop_in_the_pause_after_a_failure_when_the_database_is_back()
    {
        // Sequences keep their value when a statement is rolled back: 5 failures make the pause about 3 s, and the stop comes in it.
        await ExecuteAsync(
            """
            CREATE SEQUENCE tries;
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('tries'); RAISE 'no space' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER fail BEFORE UPDATE ON transactions FOR EACH ROW EXECUTE FUNCTION fail();
            """);
        await using var receiver = await Receiver.StartAsync(_ => 200);
        var worker = _world.StartWorker(null, ("Processing:Url", receiver.Url));
        await _world.AcceptAsync("txn_1");
        await Eventually.TrueAsync(
            async _ => await _world.ScalarAsync<long>("SELECT last_value FROM tries") >= 5, TestContext.Current.CancellationToken);

        await ExecuteAsync("DROP TRIGGER fail ON transactions");
        await worker.StopAsync();

        Assert.True(Assert.Single(await _world.RowsAsync(TestContext.Current.CancellationToken)).IsProcessed);
        await _world.Offsets.UntilAtEndAsync();
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_stop_lets_what_was_sent_end_and_commits_it()
    {
        var sent = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async (_, _) =>
        {
            sent.TrySetResult();
            await answer.Task;
            return 200;
        });
        var worker = _world.StartWorker(null, ("Processing:Url", receiver.Url));
        await _world.AcceptAsync("txn_1");
        await sent.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        var stop = worker.StopAsync();
        answer.SetResult();
        await stop;

        Assert.True(Assert.Single(await _world.RowsAsync(TestContext.Current.CancellationToken)).IsProcessed);
        await _world.Offsets.UntilAtEndAsync();
        Assert.Single(receiver.Requests);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _world.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
