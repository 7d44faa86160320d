using System.Text.Json;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Installments;

/// <summary>The worker as it runs: installments that fall due are charged, and those that it cannot look for are told.</summary>
public sealed class WholeWorkerTests(Servers servers) : IAsyncLifetime
{
    private World _world = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_worker_charges_what_falls_due_and_shows_what_it_could_not_take()
    {
        var customer = await OrderWorld.AddCustomerAsync(_world.Database, "cust_1", balance: 20);
        await OrderWorld.AddOrderAsync(_world.Database, customer, count: 2);
        var worker = _world.StartWorker(null, ("Installments:PollInterval", "00:00:00.050"));
        await UntilPaidAsync(1);

        // Locked, they stay due: nobody can take them.
        await using (var connection = await _world.Database.OpenConnectionAsync(Cancelled))
        {
            await using var hold = new Npgsql.NpgsqlCommand("BEGIN; SELECT FROM installments FOR UPDATE", connection);
            await hold.ExecuteNonQueryAsync(Cancelled);
            await _world.ScalarAsync<bool>("INSERT INTO business_clock (id, ahead) VALUES (true, interval '40 d') RETURNING true");
            await Eventually.GetAsync(_ => InstallmentsAsync(worker), work => work.GetProperty("overdue").GetInt32() == 1, Cancelled);
            await using var release = new Npgsql.NpgsqlCommand("ROLLBACK", connection);
            await release.ExecuteNonQueryAsync(Cancelled);
        }

        await UntilPaidAsync(2);
        Assert.Equal("completed", await _world.ScalarAsync<string>("SELECT status FROM installment_orders"));
        Assert.Equal(0, (await InstallmentsAsync(worker)).GetProperty("overdue").GetInt32());
    }

    private Task UntilPaidAsync(int count) => Eventually.TrueAsync(
        _ => _world.ScalarAsync<bool>($"SELECT count(*) = {count} FROM installments WHERE status = 'paid'"), Cancelled);

    private static async Task<JsonElement> InstallmentsAsync(WorkerHost worker)
    {
        using var response = await worker.GetAsync("/health/worker");
        var health = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Cancelled));
        return health.GetProperty("tables").EnumerateArray().Single(table => table.GetProperty("table").GetString() == "installments");
    }
}
