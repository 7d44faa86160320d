using Npgsql;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Payments;

/// <summary>kill -9 of the worker, as a process, at each step of a payment; another one then brings it to its end.</summary>
[Trait("Kafka", "yes")]
public sealed class KillTests(Servers servers) : IAsyncLifetime
{
    private PaymentWorld _world = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await PaymentWorld.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_while_it_calls_the_bank(bool hasBankTakenIt)
    {
        var isCalled = new TaskCompletionSource();
        await using var bank = await TestBank.StartAsync(async (bank, id, context) =>
        {
            if (bank.Calls.Count > 1)
            {
                await bank.TakeAsync(id, context, "success");
                return;
            }

            if (hasBankTakenIt) bank.Take(id, "success");
            isCalled.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var id = await _world.AddAsync("withdrawal");
        await KillAsync(bank, isCalled.Task);

        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", "90 0", 1), await _world.SettledAsync(id));
        Assert.Equal(hasBankTakenIt ? 1 : 2, bank.Calls.Count);
    }

    [Fact]
    public async Task Killed_between_the_banks_answer_and_its_record()
    {
        NpgsqlConnection? lockHolder = null;
        var isAnswered = new TaskCompletionSource();
        await using var bank = await TestBank.StartAsync(async (bank, id, context) =>
        {
            // Whoever records what this answers waits for the row.
            lockHolder = await LockAsync($"SELECT FROM payments WHERE id = {id} FOR UPDATE");
            context.Response.OnCompleted(() =>
            {
                isAnswered.TrySetResult();
                return Task.CompletedTask;
            });
            await bank.TakeAsync(id, context, "success");
        });
        var id = await _world.AddAsync("deposit");
        await KillAsync(bank, isAnswered.Task);
        await lockHolder!.DisposeAsync();

        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", "110 0", 1), await _world.SettledAsync(id));
        Assert.Single(bank.Calls);
    }

    [Theory]
    [InlineData("deposit", "110 0")]
    [InlineData("withdrawal", "90 0")]
    public async Task Killed_while_it_settles(string type, string account)
    {
        await using var bank = await TestBank.StartAsync();
        var id = await _world.AddAsync(type, isUnanswered: true);
        bank.Take(id, "success");
        var lockHolder = await LockAsync($"SELECT FROM accounts WHERE id = {_world.Account} FOR UPDATE");
        await KillAsync(bank, Eventually.TrueAsync(
            _ => _world.World.ScalarAsync<bool>("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"), Cancelled));
        await lockHolder.DisposeAsync();

        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", account, 1), await _world.SettledAsync(id));
        Assert.Empty(bank.Calls);
    }

    /// <summary>Starts a worker as a process and kills it at the moment.</summary>
    private async Task KillAsync(TestBank bank, Task moment)
    {
        using var worker = Servers.StartProcess([], [.. _world.World.Settings, .. PaymentWorld.With(bank), ("urls", "http://127.0.0.1:0"), ("Logging:LogLevel:Default", "Warning")]);
        _ = (worker.StandardOutput.ReadToEndAsync(Cancelled), worker.StandardError.ReadToEndAsync(Cancelled));
        try
        {
            await moment.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        }
        finally
        {
            worker.Kill(entireProcessTree: true);
            await worker.WaitForExitAsync(Cancelled);
        }
    }

    private async Task<NpgsqlConnection> LockAsync(string sql)
    {
        var connection = await _world.World.Database.OpenConnectionAsync(Cancelled);
        await using var command = new NpgsqlCommand($"BEGIN; {sql}", connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return connection;
    }
}
