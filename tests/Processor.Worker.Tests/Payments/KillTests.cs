using Npgsql;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Payments;

/// <summary>
/// kill -9 of the worker, as a process, at each step of a payment; another one then brings it to its end. Each step is a class, so that they run side by
/// side: what they do is wait for a lease and a session to end.
/// </summary>
public abstract class KillTests(Servers servers) : IAsyncLifetime
{
    private protected PaymentWorld World { get; private set; } = null!;

    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => World = await PaymentWorld.CreateAsync(servers);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return World.DisposeAsync();
    }

    /// <summary>Starts a worker as a process and kills it at the moment.</summary>
    private protected async Task KillAsync(TestBank bank, Task moment)
    {
        using var worker = Servers.StartProcess(
            [], [.. World.World.Settings, .. PaymentWorld.With(bank), ("urls", "http://127.0.0.1:0"), ("Logging:LogLevel:Default", "Warning")]);
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

    private protected async Task<NpgsqlConnection> LockAsync(string sql)
    {
        var connection = await World.World.Database.OpenConnectionAsync(Cancelled);
        await using var command = new NpgsqlCommand($"BEGIN; {sql}", connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return connection;
    }
}

[Trait("Kafka", "yes")]
public sealed class KilledAtTheBankTests(Servers servers) : KillTests(servers)
{
    [Fact]
    public async Task Killed_while_it_calls_the_bank_that_has_taken_the_one_payment_and_not_the_other()
    {
        var (taken, left) = (0L, 2);
        var areCalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bank = await TestBank.StartAsync(async (bank, id, context) =>
        {
            if (bank.Calls.Count(call => call == id) > 1)
            {
                await bank.TakeAsync(id, context, "success");
                return;
            }

            if (id == taken) bank.Take(id, "success");
            if (Interlocked.Decrement(ref left) == 0) areCalled.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        taken = await World.AddAsync("withdrawal");
        var other = await World.AddAsync("withdrawal", amount: 20);
        await KillAsync(bank, areCalled.Task);

        World.World.StartWorker(settings: PaymentWorld.With(bank));

        await World.SettledAsync(taken);
        Assert.Equal(("success", "70 0", 1), await World.SettledAsync(other));
        Assert.Equal(("success", "70 0", 1), await World.SettledAsync(taken));
        Assert.Equal((1, 2), (bank.Calls.Count(call => call == taken), bank.Calls.Count(call => call == other)));
    }
}

[Trait("Kafka", "yes")]
public sealed class KilledBeforeTheRecordTests(Servers servers) : KillTests(servers)
{
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
        var id = await World.AddAsync("deposit");
        await KillAsync(bank, isAnswered.Task);
        await lockHolder!.DisposeAsync();

        World.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", "110 0", 1), await World.SettledAsync(id));
        Assert.Single(bank.Calls);
    }
}

[Trait("Kafka", "yes")]
public sealed class KilledInSettlingTests(Servers servers) : KillTests(servers)
{
    [Theory]
    [InlineData("deposit", "110 0")]
    [InlineData("withdrawal", "90 0")]
    public async Task Killed_while_it_settles(string type, string account)
    {
        await using var bank = await TestBank.StartAsync();
        var id = await World.AddAsync(type, isUnanswered: true);
        bank.Take(id, "success");
        var lockHolder = await LockAsync($"SELECT FROM accounts WHERE id = {World.Account} FOR UPDATE");
        await KillAsync(bank, Eventually.TrueAsync(
            _ => World.World.ScalarAsync<bool>(
                "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"),
            Cancelled));
        await lockHolder.DisposeAsync();

        World.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", account, 1), await World.SettledAsync(id));
        Assert.Empty(bank.Calls);
    }
}
