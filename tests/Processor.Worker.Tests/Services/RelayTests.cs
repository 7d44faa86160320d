using Npgsql;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class RelayTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_row_whose_record_never_came_is_published_and_processed()
    {
        _world.StartWorker();
        await _world.InsertAsync("lost", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.Zero);

        await _world.UntilAllProcessedAsync();
        await _world.Offsets.UntilAtEndAsync();
    }

    [Fact]
    public async Task A_row_that_is_not_yet_the_relays_is_left_alone()
    {
        _world.StartWorker();
        await _world.InsertAsync("a_record_is_on_its_way", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.FromMinutes(1));
        await _world.InsertAsync("lost", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.Zero);

        await _world.UntilAllAsync(row => row.IsProcessed == (row.Id == "lost"));
    }

    [Fact]
    public async Task A_relay_passes_by_the_rows_that_another_has_in_hand()
    {
        await _world.InsertAsync("theirs", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.FromSeconds(-1));
        await _world.InsertAsync("ours", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.Zero);
        await using (var connection = await _world.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var hold = new NpgsqlCommand("SELECT FROM transactions WHERE transaction_id = 'theirs' FOR UPDATE", connection);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            _world.StartWorker();
            await _world.UntilAllAsync(row => row.IsProcessed == (row.Id == "ours"));
        }

        await _world.UntilAllProcessedAsync();
    }

    [Fact]
    public async Task Two_relays_do_not_publish_the_same_row_and_a_published_row_is_due_again_only_later()
    {
        const int Rows = 300;
        await _world.ScalarAsync<long>(
            $"""
            WITH rows AS (
                INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, created_at, next_publish_at)
                SELECT 'txn_' || i, 'a', 'b', 1, 'USD', now() - interval '1 min', now() FROM generate_series(1, {Rows}) AS i RETURNING 1)
            SELECT count(*) FROM rows
            """);
        var before = _world.Offsets.EndsSum();

        // Small batches, so that they have to share.
        _world.StartWorker(null, ("Relay:MaxBatch", "7"));
        _world.StartWorker(null, ("Relay:MaxBatch", "7"));

        var rows = await _world.UntilAllProcessedAsync();
        Assert.Equal(Rows, rows.Count);
        Assert.All(rows, row => Assert.True(row.NextPublishIn > TimeSpan.FromSeconds(20), $"{row}"));
        await _world.Offsets.UntilAtEndAsync();
        Assert.Equal(Rows, _world.Offsets.EndsSum() - before);
    }

    [Fact]
    public async Task The_outbox_is_empty_once_all_have_their_outcome()
    {
        _world.StartWorker();
        await _world.AcceptAsync(Enumerable.Range(0, 20).Select(n => $"txn_{n}"));
        await _world.InsertAsync("lost", age: TimeSpan.FromMinutes(1), publishIn: TimeSpan.Zero);
        await _world.UntilAllProcessedAsync();

        // Looked at now instead of in an hour, which is when the rows of AcceptAsync are the relay's.
        await _world.ScalarAsync<long>("WITH now AS (UPDATE transaction_outbox SET look_at = now() RETURNING 1) SELECT count(*) FROM now");
        await Eventually.GetAsync(
            _ => _world.ScalarAsync<long>("SELECT count(*) FROM transaction_outbox"), left => left == 0, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_a_commit_has_without_an_outcome_is_looked_at_when_the_first_of_it_is_due()
    {
        await _world.ScalarAsync<long>(
            """
            WITH rows AS (
                INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, created_at, next_publish_at)
                VALUES ('due', 'a', 'b', 1, 'USD', now() - interval '1 min', now()),
                       ('waits', 'a', 'b', 1, 'USD', now() - interval '1 min', now() + interval '20 min'),
                       ('waits_longer', 'a', 'b', 1, 'USD', now() - interval '1 min', now() + interval '40 min')
                RETURNING 1)
            SELECT count(*) FROM rows
            """);
        _world.StartWorker();
        await _world.UntilAllAsync(row => row.IsProcessed == (row.Id == "due"));

        // The look that claimed it took it for one of a minute later; by then it is processed.
        await _world.ScalarAsync<long>("WITH now AS (UPDATE transaction_outbox SET look_at = now() RETURNING 1) SELECT count(*) FROM now");
        Assert.True(await Eventually.GetAsync(
            _ => _world.ScalarAsync<bool>(
                """
                SELECT count(*) = 1 AND bool_and(look_at = (SELECT next_publish_at FROM transactions WHERE transaction_id = 'waits'))
                FROM transaction_outbox
                """),
            isSo => isSo, TestContext.Current.CancellationToken));
    }
}
