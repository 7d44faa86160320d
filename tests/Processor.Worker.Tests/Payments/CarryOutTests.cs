using System.Text;
using Contracts;
using Microsoft.AspNetCore.Http;
using Processor.Worker.Tests.Worlds;
using Support;

namespace Processor.Worker.Tests.Payments;

[Trait("Kafka", "yes")]
public sealed class CarryOutTests(Servers servers) : IAsyncLifetime
{
    private PaymentWorld _world = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await PaymentWorld.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_bank_that_does_not_call_back_is_asked_and_believed_whatever_it_says_of_a_deposit_or_a_withdrawal()
    {
        var says = new Dictionary<long, string>();
        await using var bank = await TestBank.StartAsync((bank, id, context) => bank.TakeAsync(id, context, says[id]));
        says[await _world.AddAsync("deposit", 1)] = says[await _world.AddAsync("withdrawal", 4)] = "success";
        says[await _world.AddAsync("deposit", 2)] = says[await _world.AddAsync("withdrawal", 8)] = "failed";
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        foreach (var id in says.Keys) await _world.SettledAsync(id);

        // 100 and the deposit, less the withdrawal, of those that succeeded.
        foreach (var (id, status) in says) Assert.Equal((status, "97 0", status == "success" ? 1 : 0), await _world.SettledAsync(id));
        Assert.Equal(says.Keys.Order(), bank.Calls.Order());
        foreach (var id in says.Keys)
            Assert.Equal(TestBank.Reference(id), await _world.World.ScalarAsync<string>($"SELECT bank_reference FROM payments WHERE id = {id}"));
    }

    [Fact]
    public async Task While_the_bank_works_the_payment_is_processing_and_the_bank_is_not_called_again()
    {
        await using var bank = await TestBank.StartAsync("pending");
        var id = await _world.AddAsync("deposit");
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        await Eventually.TrueAsync(_ => Task.FromResult(bank.Questions.Count >= 2), Cancelled);
        Assert.Equal("processing", await _world.World.ScalarAsync<string>($"SELECT status FROM payments WHERE id = {id}"));
        bank.Transfers[id] = "success";

        Assert.Equal(("success", "110 0", 1), await _world.SettledAsync(id));
        Assert.Single(bank.Calls);
    }

    [Fact]
    public async Task A_refusal_is_final_and_its_reason_told()
    {
        await using var bank = await TestBank.StartAsync(async (_, _, context) =>
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsync("""{"error":"insufficient_funds","detail":"Not enough on it."}""");
        });
        var id = await _world.AddAsync("withdrawal");
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("failed", "100 0", 0), await _world.SettledAsync(id));
        Assert.Single(bank.Calls);
        Assert.Equal("The bank refused it: Not enough on it.", await _world.World.ScalarAsync<string>($"SELECT error_message FROM payments WHERE id = {id}"));
    }

    [Fact]
    public async Task An_unavailable_bank_is_tried_again_and_then_takes_it()
    {
        await using var bank = await TestBank.StartAsync((bank, id, context) =>
        {
            if (bank.Calls.Count >= 4) return bank.TakeAsync(id, context, "success");
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var id = await _world.AddAsync("deposit");
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", "110 0", 1), await _world.SettledAsync(id));
        Assert.Equal(4, bank.Calls.Count);
    }

    [Fact]
    public async Task After_the_last_retry_it_is_failed_its_hold_given_back_and_a_dead_letter_says_why()
    {
        await using var bank = await TestBank.StartAsync((_, _, context) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var id = await _world.AddAsync("withdrawal");
        _world.World.StartWorker(settings: PaymentWorld.With(bank, ("Payments:MaxRetries", "2")));

        Assert.Equal(("failed", "100 0", 0), await _world.SettledAsync(id));
        Assert.Equal(3, bank.Calls.Count);
        Assert.Equal($"payments given_up Payment {id}: Given up after 2 retries: the bank answered HTTP 503.",
            await _world.World.ScalarAsync<string>("SELECT topic || ' ' || reason || ' ' || detail FROM dead_letters"));
        Assert.Equal("dead_letter:payments:given_up", await _world.World.ScalarAsync<string>("SELECT cause FROM notices"));
    }

    [Fact]
    public async Task A_bank_that_does_not_answer_is_asked_what_it_did_and_never_called_twice_for_what_it_has()
    {
        await using var bank = await TestBank.StartAsync(async (bank, id, context) =>
        {
            bank.Take(id, "success");
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var id = await _world.AddAsync("deposit");
        _world.World.StartWorker(settings: PaymentWorld.With(bank, ("Bank:Timeout", "00:00:00.300")));

        Assert.Equal(("success", "110 0", 1), await _world.SettledAsync(id));
        Assert.Single(bank.Calls);
    }

    [Fact]
    public async Task A_payment_is_not_failed_while_the_bank_may_have_it()
    {
        await using var bank = await TestBank.StartAsync((_, _, context) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var id = await _world.AddAsync("withdrawal", isUnanswered: true, attempts: 100);
        bank.Transfers[id] = "pending";
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        await Eventually.TrueAsync(_ => Task.FromResult(bank.Questions.Count >= 2), Cancelled);
        Assert.Equal("processing 10", await _world.World.ScalarAsync<string>(
            $"SELECT p.status || ' ' || trim_scale(a.held) FROM payments p, accounts a WHERE p.id = {id} AND a.id = {_world.Account}"));
        Assert.Empty(bank.Calls);
        bank.Transfers.Clear(); // It answers that it never had it, and does not accept it when it is called.

        Assert.Equal(("failed", "100 0", 0), await _world.SettledAsync(id));
        Assert.Single(bank.Calls);
    }

    [Fact]
    public async Task Records_that_cannot_be_read_or_have_no_payment_are_put_aside_and_the_next_goes_on()
    {
        await using var bank = await TestBank.StartAsync();
        foreach (var body in (string?[])["rubbish", "{\"\\u0000\":", """{"payment_id":0,"user_id":1}""", """{"payment_id":4711,"user_id":1}""", null])
            await _world.World.ProduceAsync([1], body is null ? null : Encoding.UTF8.GetBytes(body), partition: 3, topic: Topics.Payments);
        var id = await _world.AddAsync("deposit");
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", "110 0", 1), await _world.SettledAsync(id));
        var letters = await Eventually.GetAsync(
            _ => _world.World.ScalarAsync<string>(
                "SELECT coalesce(string_agg(reason || ' ' || coalesce(convert_from(value, 'UTF8'), '-'), ', ' ORDER BY \"offset\"), '') FROM dead_letters"),
            text => text.Count(c => c == ',') >= 4,
            Cancelled);
        Assert.Equal(
            """undecodable rubbish, undecodable {"\u0000":, undecodable {"payment_id":0,"user_id":1}, unknown_payment {"payment_id":4711,"user_id":1}, """
            + "undecodable -",
            letters);
        Assert.Equal(0L, await _world.World.ScalarAsync<long>("SELECT count(*) FROM dead_letters WHERE detail LIKE 'The database refused%'"));
    }

    [Fact]
    public async Task A_record_that_the_database_refuses_is_put_aside_alone_and_the_others_go_on()
    {
        await using var bank = await TestBank.StartAsync();
        var (bad, good) = (await _world.AddAsync("deposit"), await _world.AddAsync("withdrawal"));
        await _world.World.ScalarAsync<object?>(
            $"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.id = {bad} AND NEW.claim > OLD.claim THEN RAISE EXCEPTION 'refused' USING ERRCODE = '22021'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        Assert.Equal(("success", "90 0", 1), await _world.SettledAsync(good));
        await Eventually.TrueAsync(
            _ => _world.World.ScalarAsync<bool>(
                "SELECT count(*) > 0 FROM dead_letters "
                + $"WHERE reason = 'refused' AND convert_from(value, 'UTF8') LIKE '%:{bad},%' AND detail LIKE '%22021 refused%'"),
            Cancelled);
        Assert.Equal("pending", await _world.World.ScalarAsync<string>($"SELECT status FROM payments WHERE id = {bad}"));
    }

    [Fact]
    public async Task A_bank_that_refuses_our_key_fails_no_payment_and_worker_health_says_so_until_it_is_mended()
    {
        var isMended = false;
        await using var bank = await TestBank.StartAsync((bank, id, context) =>
        {
            if (isMended) return bank.TakeAsync(id, context, "success");
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        var id = await _world.AddAsync("withdrawal");
        var worker = _world.World.StartWorker(settings: PaymentWorld.With(bank, ("Payments:MaxRetries", "0"), ("Payments:MisconfiguredWait", "00:00:00.200")));

        await UntilHealthAsync(worker, health =>
            health.Contains("\"DEGRADED\"", StringComparison.Ordinal) && health.Contains("HTTP 401, so Bank__Url", StringComparison.Ordinal));
        await Eventually.TrueAsync(_ => Task.FromResult(bank.Calls.Count >= 3), Cancelled);
        Assert.Equal("processing 0 10", await _world.World.ScalarAsync<string>(
            $"SELECT p.status || ' ' || p.attempts || ' ' || trim_scale(a.held) FROM payments p, accounts a WHERE p.id = {id} AND a.id = {_world.Account}"));
        isMended = true;

        Assert.Equal(("success", "90 0", 1), await _world.SettledAsync(id));
        await UntilHealthAsync(worker, health => health.Contains("\"HEALTHY\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_payment_whose_outcome_the_bank_never_tells_stays_open_and_worker_health_names_it()
    {
        await using var bank = await TestBank.StartAsync((_, _, context) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var id = await _world.AddAsync("withdrawal");
        var worker = _world.World.StartWorker(settings: PaymentWorld.With(bank, ("Payments:MaxRetries", "1")));

        await UntilHealthAsync(worker, health => health.Contains($"such as {id} after", StringComparison.Ordinal));

        Assert.Equal("processing 10", await _world.World.ScalarAsync<string>(
            $"SELECT p.status || ' ' || trim_scale(a.held) FROM payments p, accounts a WHERE p.id = {id} AND a.id = {_world.Account}"));
    }

    private static Task UntilHealthAsync(WorkerHost worker, Func<string, bool> holds) => Eventually.GetAsync(
        async _ =>
        {
            using var response = await worker.GetAsync("/health/worker");
            return await response.Content.ReadAsStringAsync(Cancelled);
        }, holds, Cancelled);

    [Fact]
    public async Task A_hundred_payments_go_side_by_side_and_the_money_adds_up()
    {
        await using var bank = await TestBank.StartAsync((bank, id, context) => bank.TakeAsync(id, context, id % 3 == 0 ? "failed" : "success"));
        var ids = new List<long>();
        for (var n = 0; n < 100; n++) ids.Add(await _world.AddAsync(n % 2 == 0 ? "deposit" : "withdrawal", amount: 1));
        _world.World.StartWorker(settings: PaymentWorld.With(bank));

        foreach (var id in ids) await _world.SettledAsync(id);

        Assert.Equal(100, bank.Calls.Distinct().Count());
        Assert.Equal(100, bank.Calls.Count);
        Assert.True(await _world.World.ScalarAsync<bool>(
            $"""
            SELECT a.held = 0 AND a.balance = 100 + (SELECT sum(CASE type WHEN 'deposit' THEN amount ELSE -amount END) FROM payments WHERE status = 'success')
                AND a.balance = (SELECT sum(amount) FROM entries WHERE account_id = a.id)
            FROM accounts a WHERE a.id = {_world.Account}
            """));
    }
}
