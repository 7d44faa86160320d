using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Processor.Worker.Notices;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Notices;

/// <summary>Watches without workers: their rows are written by the tests, by a clock that they turn.</summary>
public sealed class WatchWorkTests(Servers servers) : IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private readonly List<WatchWork> _watches = [];
    private NpgsqlDataSource _database = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = NpgsqlDataSource.Create(await servers.CreateDatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches)
        {
            await watch.StopAsync(CancellationToken.None);
            watch.Dispose();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Two_that_watch_tell_a_lost_worker_once_and_overdue_work_once_an_hour()
    {
        await AddWorkerAsync("alive", "now() + interval '1 h'");
        await AddWorkerAsync("lost", "now() - interval '1 min'");
        await RunAsync(
            """
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, created_at, next_publish_at) VALUES
                ('late', 'a', 'b', 1, 'USD', now() - interval '10 min', now() - interval '6 min'),
                ('on_time', 'a', 'b', 1, 'USD', now(), now() + interval '1 h')
            """);
        await StartAsync(watches: 2);

        await LookAsync();
        await LookAsync();
        await LookAsync();

        Assert.Equal(1, await CountAsync("cause = 'worker:lost' AND count = 1"));
        Assert.Equal(0, await CountAsync("cause NOT IN ('worker:lost', 'overdue:transactions')"));
        Assert.InRange(await CountAsync("cause = 'overdue:transactions'"), 1, 2); // Two when an hour ended meanwhile.
        Assert.True(await CountAsync("cause = 'overdue:transactions' AND count > 1 OR hour < date_trunc('hour', now())") > 0);
    }

    [Fact]
    public async Task A_worker_that_came_back_and_was_lost_again_is_told_again()
    {
        await AddWorkerAsync("lost", "now() - interval '1 min'");
        await StartAsync(watches: 1);
        await LookAsync();
        await RunAsync("UPDATE notices SET hour = hour - interval '2 h', first_seen_at = first_seen_at - interval '2 h'");

        await LookAsync();

        Assert.Equal(2, await CountAsync("cause = 'worker:lost'"));
    }

    [Fact]
    public async Task Workers_that_could_not_write_their_rows_while_PostgreSQL_was_away_are_not_lost()
    {
        await AddWorkerAsync("w", "now() - interval '1 min'");
        await StartAsync(watches: 1);
        Assert.Equal(0, await CountAsync("true")); // It may be that everything starts just now.

        var name = new NpgsqlConnectionStringBuilder(_database.ConnectionString).Database;
        await servers.RunAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await servers.RunAsync($"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'");
        await LookAsync();
        await servers.RunAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        await LookAsync();
        Assert.Equal(0, await CountAsync("true"));

        await LookAsync(WatchWork.Interval * 6); // The machine stood still.
        Assert.Equal(0, await CountAsync("true"));

        await LookAsync(); // It was not heard of since.
        Assert.Equal(1, await CountAsync("cause = 'worker:w'"));
    }

    private async Task StartAsync(int watches)
    {
        for (var n = 0; n < watches; n++)
        {
            var watch = new WatchWork(_database, Options.Create(new NoticeOptions()), _clock, NullLogger<WatchWork>.Instance);
            _watches.Add(watch);
            await watch.StartAsync(Cancelled);
        }

        await _clock.WaitForTimersAsync(_watches.Count, Cancelled);
    }

    /// <summary>Lets an interval pass, and waits until everyone has looked.</summary>
    private async Task LookAsync(TimeSpan? after = null)
    {
        _clock.Advance(after ?? WatchWork.Interval);
        await _clock.WaitForTimersAsync(_watches.Count, Cancelled);
    }

    private Task AddWorkerAsync(string id, string seenAt) => RunAsync(
        $"INSERT INTO worker_instances (instance_id, partitions, lag, waiting, oldest_due_seconds, seen_at) VALUES ('{id}', 12, 0, 0, 0, {seenAt})");

    private async Task RunAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private async Task<long> CountAsync(string condition)
    {
        await using var command = _database.CreateCommand($"SELECT count(*) FROM notices WHERE {condition}");
        return (long)(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
