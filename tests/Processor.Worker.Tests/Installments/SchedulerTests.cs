using System.Text;
using Data;
using Data.Workers;
using Npgsql;
using Processor.Worker.Installments;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Installments;

/// <summary>Each due installment is charged once, however many workers look, and whatever became of those that claimed it.</summary>
public sealed class SchedulerTests(Servers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private OrderWorld _world = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await OrderWorld.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Two_workers_charge_every_due_installment_once_and_none_that_is_not_due()
    {
        var customer = await _world.AddCustomerAsync(1_000);
        var orders = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _world.AddOrderAsync(customer, count: 2)));
        using var one = await _world.StartSchedulerAsync();
        using var two = await _world.StartSchedulerAsync();

        await Eventually.TrueAsync(
            _ => _world.ScalarAsync<bool>($"SELECT count(*) = 40 FROM installments WHERE status = 'paid'"), Cancelled);
        await Task.WhenAll(one.StopAsync(Cancelled), two.StopAsync(Cancelled));

        foreach (var order in orders)
            Assert.Equal(("active: paid pending", (1L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
        Assert.Equal("600", await _world.BalanceAsync(customer));
    }

    [Fact]
    public async Task What_a_worker_claimed_before_it_was_killed_is_charged_once_when_the_lease_has_ended()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(100), count: 1);
        Assert.Single(await ClaimAsync()); // And dies.
        Assert.Equal(0, await _world.ChargeDueAsync());

        await EndLeasesAsync();

        Assert.Equal(1, await _world.ChargeDueAsync());
        Assert.Equal(("completed: paid", (1L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
    }

    [Fact]
    public async Task A_worker_that_was_paused_past_its_lease_cannot_charge_again()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(100), count: 1);
        var stale = Assert.Single(await ClaimAsync());
        await EndLeasesAsync();
        Assert.Equal(1, await _world.ChargeDueAsync());

        await _world.Charger().RunAsync(stale);

        Assert.Equal(("completed: paid", (1L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
    }

    [Fact]
    public async Task A_paused_claim_that_another_has_taken_over_makes_no_charge_though_the_installment_is_open()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(100), count: 1);
        var stale = Assert.Single(await ClaimAsync());
        await EndLeasesAsync();
        var next = Assert.Single(await ClaimAsync());

        await _world.Charger().RunAsync(stale);
        Assert.Equal(("active: pending", (0L, 0L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));

        await _world.Charger().RunAsync(next);
        Assert.Equal(("completed: paid", (1L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
    }

    [Fact]
    public async Task Two_that_run_the_same_claim_at_the_same_time_make_one_charge()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(100), count: 1);
        var claim = Assert.Single(await ClaimAsync());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _world.Charger().RunAsync(claim)));

        Assert.Equal(("completed: paid", (1L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
    }

    [Fact]
    public async Task An_order_that_was_cancelled_after_the_claim_is_not_charged()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(100), count: 1);
        var claim = Assert.Single(await ClaimAsync());
        await _world.ExecuteAsync($"UPDATE installment_orders SET status = 'cancelled' WHERE id = '{order}'");
        await _world.ExecuteAsync($"UPDATE installments SET status = 'cancelled', next_attempt_at = NULL");

        await _world.Charger().RunAsync(claim);

        Assert.Equal((0L, 0L), await _world.ChargesAsync(order));
    }

    [Fact]
    public async Task A_row_that_is_locked_holds_up_no_other()
    {
        var customer = await _world.AddCustomerAsync(100);
        var (locked, free) = (await _world.AddOrderAsync(customer, count: 1), await _world.AddOrderAsync(customer, count: 1));
        await using var connection = await _world.Database.OpenConnectionAsync(Cancelled);
        await using (var hold = new NpgsqlCommand($"BEGIN; SELECT FROM installments WHERE order_id = '{locked}' FOR UPDATE", connection))
            await hold.ExecuteNonQueryAsync(Cancelled);

        Assert.Equal(1, await _world.ChargeDueAsync());

        Assert.Equal("completed: paid", await _world.StateAsync(free));
    }

    /// <summary>Every worker looks once a second: that must cost nothing, however many installments there are.</summary>
    [Fact]
    public async Task A_look_reads_the_dates_of_what_is_to_be_charged_and_no_other_rows()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(0), count: 1);
        await _world.ExecuteAsync(
            $"""
            INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
            SELECT gen_random_uuid(), '{order}', n, 1, now()::date, now(), CASE WHEN n % 2 = 0 THEN 'paid' ELSE 'pending' END,
                CASE WHEN n % 2 = 1 THEN now() + interval '1 d' END
            FROM generate_series(2, 20000) AS n
            """);
        await _world.ExecuteAsync($"ANALYZE installments");

        foreach (var sql in (string[])[ClaimInstallments.Claim, WorkTable.All.Single(table => table.Name == "installments").Overdue])
        {
            await using var command = _world.Database.CreateCommand($"EXPLAIN (FORMAT TEXT) {sql}");
            if (sql.Contains("$1", StringComparison.Ordinal))
                command.Parameters.AddRange((NpgsqlParameter[])[new NpgsqlParameter<int> { TypedValue = 100 }, Parameter.Interval(Lease)]);
            await using var lines = await command.ExecuteReaderAsync(Cancelled);
            var plan = new StringBuilder();
            while (await lines.ReadAsync(Cancelled)) plan.AppendLine(lines.GetString(0));
            Assert.Contains("installments_next_attempt_at", $"{plan}", StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan on installments", $"{plan}", StringComparison.Ordinal);
        }
    }

    private Task<IReadOnlyList<ClaimedInstallment>> ClaimAsync() => new ClaimInstallments(_world.Database).RunAsync(100, Lease, Cancelled);

    private Task EndLeasesAsync() => _world.ExecuteAsync($"UPDATE installments SET claimed_until = now() WHERE claimed_until IS NOT NULL");
}
