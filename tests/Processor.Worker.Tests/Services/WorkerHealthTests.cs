using System.Text.Json;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Services;

[Trait("Kafka", "yes")]
public sealed class WorkerHealthTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;
    private WorkerHost _worker = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync(servers);
        _worker = _world.StartWorker(null, ("Processing:Delay", "00:00:30"));
        await UntilAsync(health => health.Http == 200);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_worker_with_all_partitions_is_healthy_and_says_what_waits_and_what_was_put_aside()
    {
        var first = await ReadAsync(Cancelled);
        Assert.Equal("""
            {"status":"HEALTHY","workers":1,"partitions":12,"lag":0,"waiting":0,"oldest_due_seconds":0,"dead_letters":0,"problems":[],"tables":[
            {"table":"transactions","topic":"transactions","lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
            {"table":"payments","topic":"payments","lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
            {"table":"stripe_requests","topic":"charges","lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
            {"table":"installments","topic":null,"lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
            {"table":"webhook_events","topic":null,"lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0},
            {"table":"webhook_deliveries","topic":"deliveries","lag":0,"waiting":0,"overdue":0,"oldest_due_seconds":0}]}
            """.ReplaceLineEndings(""), first.Body);

        await _world.AcceptAsync("txn_1", "txn_2", "txn_3");
        await _world.ProduceAsync("k"u8.ToArray(), "rubbish"u8.ToArray());
        await UntilAsync(health => health is { Http: 200, Waiting: 3, DeadLetters: 1, Lag: >= 3 });
    }

    [Fact]
    public async Task Without_a_worker_or_with_a_partition_that_nobody_owns_or_a_transaction_far_behind_its_time_it_is_503()
    {
        // From here on no heartbeat puts the row right again.
        await ExecuteAsync(
            """
            CREATE FUNCTION still() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER still BEFORE INSERT ON worker_instances FOR EACH ROW EXECUTE FUNCTION still();
            """);
        await ExecuteAsync("UPDATE worker_instances SET seen_at = now() + interval '1 min', partitions = 11");
        Assert.Equal((503, "UNHEALTHY", 1), await StatusAsync());
        await ExecuteAsync("UPDATE worker_instances SET partitions = 12, oldest_due_seconds = 61");
        Assert.Equal((503, "UNHEALTHY", 1), await StatusAsync());
        await ExecuteAsync("UPDATE worker_instances SET oldest_due_seconds = 0");
        Assert.Equal((200, "HEALTHY", 1), await StatusAsync());
        await ExecuteAsync("UPDATE worker_instances SET problems = ARRAY['Mend it.']");
        Assert.Equal((200, "DEGRADED", 1), await StatusAsync());
        await ExecuteAsync("UPDATE worker_instances SET seen_at = now() - interval '16 s'");
        Assert.Equal((503, "UNHEALTHY", 0), await StatusAsync());
    }

    [Fact]
    public async Task Payments_that_nobody_carries_out_are_counted_and_named_and_the_workers_are_degraded()
    {
        // This worker has no bank.
        await ExecuteAsync(
            """
            WITH payer AS (INSERT INTO users (email, api_key_hash) VALUES ('payer@example.com', sha256('key')) RETURNING id)
            INSERT INTO payments (user_id, type, amount, currency, due_at, next_publish_at)
            SELECT id, 'deposit', 10, 'USD', now() - interval '90 s', now() + interval '1 h' FROM payer, generate_series(1, 2)
            """);

        var health = await ReadAsync(Cancelled);

        Assert.Equal((200, "DEGRADED"), (health.Http, health.Status));
        Assert.Contains("2 payments are due and not begun, the oldest for 9", health.Body);
        Assert.Contains("\"table\":\"payments\",\"topic\":\"payments\",\"lag\":0,\"waiting\":0,\"overdue\":2,\"oldest_due_seconds\":9", health.Body);
    }

    [Fact]
    public async Task A_worker_that_stops_takes_its_row_away()
    {
        await _worker.StopAsync();
        Assert.Equal(0L, await _world.ScalarAsync<long>("SELECT count(*) FROM worker_instances"));
    }

    [Fact]
    public async Task The_service_itself_is_ready_and_says_on_what_it_depends()
    {
        // The first question of a process to its broker may take longer than a probe waits.
        using var response = await Eventually.GetAsync(_ => _worker.GetAsync("/health"), response => response.IsSuccessStatusCode, Cancelled);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancelled)).RootElement;
        Assert.Equal("processor.worker", body.GetProperty("service").GetString());
        Assert.Equal("healthy", body.GetProperty("checks").GetProperty("broker").GetString());
    }

    [Fact]
    public async Task It_is_not_ready_while_the_database_takes_no_writes()
    {
        await Eventually.GetAsync(_ => _worker.GetAsync("/health"), response => response.IsSuccessStatusCode, Cancelled);

        // Sessions that are open stay writable, so they are ended, as a switch of the primary ends them.
        await ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$");
        await _world.EndSessionsAsync();

        await Eventually.GetAsync(UnhealthyAsync, unhealthy => unhealthy is ["database_writable"], Cancelled);
    }

    /// <summary>The checks of /health that say no.</summary>
    private async Task<string[]> UnhealthyAsync(CancellationToken cancellationToken)
    {
        using var response = await _worker.GetAsync("/health");
        var checks = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken)).RootElement.GetProperty("checks");
        return [.. checks.EnumerateObject().Where(check => check.Value.GetString() == "unhealthy").Select(check => check.Name)];
    }

    private async Task<Health> UntilAsync(Func<Health, bool> holds) => await Eventually.GetAsync(ReadAsync, holds, Cancelled);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _world.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private async Task<(int Http, string Status, int Workers)> StatusAsync()
    {
        var health = await ReadAsync(Cancelled);
        return (health.Http, health.Status, health.Workers);
    }

    private async Task<Health> ReadAsync(CancellationToken cancellationToken)
    {
        using var response = await _worker.GetAsync("/health/worker");
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var json = JsonDocument.Parse(body).RootElement;
        return new Health(
            (int)response.StatusCode, body, json.GetProperty("status").GetString()!, json.GetProperty("workers").GetInt32(),
            json.GetProperty("lag").GetInt64(), json.GetProperty("waiting").GetInt64(), json.GetProperty("dead_letters").GetInt64());
    }

    private sealed record Health(int Http, string Body, string Status, int Workers, long Lag, long Waiting, long DeadLetters);
}
