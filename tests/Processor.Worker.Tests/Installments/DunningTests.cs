using Data.Charges;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Installments;

/// <summary>What becomes of an order's installments as its charges succeed and fail, at once and later, while the business clock goes on.</summary>
public sealed class DunningTests(Servers servers) : IAsyncLifetime
{
    private static readonly StripeResult Declined = StripeResult.Failed("pi_1", "card_declined", "Declined.");

    private OrderWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await OrderWorld.CreateAsync(servers);

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task An_order_is_completed_by_its_last_installment()
    {
        var customer = await _world.AddCustomerAsync(100);
        var order = await _world.AddOrderAsync(customer, count: 3);
        for (var month = 0; month < 3; month++)
        {
            Assert.Equal(1, await _world.ChargeDueAsync());
            Assert.Equal(0, await _world.ChargeDueAsync());
            await _world.AdvanceAsync(31);
        }

        Assert.Equal(("completed: paid paid paid", "70"), (await _world.StateAsync(order), await _world.BalanceAsync(customer)));
    }

    [Fact]
    public async Task What_fell_due_while_no_worker_ran_is_charged_when_one_does()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(100), count: 3);
        await _world.AdvanceAsync(100);

        Assert.Equal(3, await _world.ChargeDueAsync());

        Assert.Equal("completed: paid paid paid", await _world.StateAsync(order));
    }

    [Fact]
    public async Task A_soft_failure_is_tried_again_after_1_3_and_5_days_and_then_fails_the_order()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(0), count: 2); // An empty wallet and no card.
        foreach (var days in (int[])[1, 3, 5])
        {
            Assert.Equal(1, await _world.ChargeDueAsync());
            Assert.Equal("active: overdue pending", await _world.StateAsync(order));
            await _world.AdvanceAsync(days - 1);
            Assert.Equal(0, await _world.ChargeDueAsync());
            await _world.AdvanceAsync(1);
        }

        Assert.Equal(1, await _world.ChargeDueAsync());
        Assert.Equal(("failed: failed cancelled", (4L, 0L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
        await _world.AdvanceAsync(100);
        Assert.Equal(0, await _world.ChargeDueAsync());
    }

    [Fact]
    public async Task Money_that_comes_in_time_pays_an_overdue_installment()
    {
        var customer = await _world.AddCustomerAsync(0);
        var order = await _world.AddOrderAsync(customer, count: 1);
        await _world.ChargeDueAsync();
        await _world.ExecuteAsync($"UPDATE accounts SET balance = 10 WHERE owner = 'wallet:{customer}'");
        await _world.AdvanceAsync(1);

        await _world.ChargeDueAsync();

        Assert.Equal(("completed: paid", (2L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
    }

    [Fact]
    public async Task A_card_is_asked_by_a_request_that_is_to_be_published_at_once_and_its_answer_settles_the_installment()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(4), count: 1, card: "pm_card_visa");

        await _world.ChargeDueAsync();

        Assert.Equal("active: processing", await _world.StateAsync(order));
        Assert.True(await _world.ScalarAsync<bool>(
            $"SELECT next_publish_at <= now() AND body->>'amount' = '600' AND body->>'payment_method' = 'pm_card_visa' FROM stripe_requests"));
        await _world.AdvanceAsync(100);
        Assert.Equal(0, await _world.ChargeDueAsync()); // However long Stripe takes.

        await _world.SettleChargeAsync(order, 1, StripeResult.Succeeded("pi_1"));
        Assert.Equal(("completed: paid", (1L, 1L)), (await _world.StateAsync(order), await _world.ChargesAsync(order)));
    }

    [Fact]
    public async Task A_failure_that_comes_later_counts_like_one_at_once()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(0), count: 2, card: "pm_card_chargeDeclined");
        foreach (var days in (int[])[1, 3, 5])
        {
            Assert.Equal(1, await _world.ChargeDueAsync());
            await _world.SettleChargeAsync(order, 1, Declined);
            Assert.Equal("active: overdue pending", await _world.StateAsync(order));
            await _world.AdvanceAsync(days);
        }

        await _world.ChargeDueAsync();
        await _world.SettleChargeAsync(order, 1, Declined);

        Assert.Equal("failed: failed cancelled", await _world.StateAsync(order));
    }

    [Fact]
    public async Task A_hard_decline_is_not_tried_again()
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(0), count: 3, card: "pm_card_visa");
        await _world.ChargeDueAsync();

        await _world.SettleChargeAsync(order, 1, StripeResult.Failed("pi_1", "stolen_card", "Declined."));

        Assert.Equal("failed: failed cancelled cancelled", await _world.StateAsync(order));
        await _world.AdvanceAsync(100);
        Assert.Equal(0, await _world.ChargeDueAsync());
    }

    [Theory]
    [InlineData(true, "cancelled: paid cancelled")]
    [InlineData(false, "cancelled: cancelled cancelled")]
    public async Task The_pending_charge_of_an_order_that_was_cancelled_ends_by_itself(bool isPaid, string state)
    {
        var order = await _world.AddOrderAsync(await _world.AddCustomerAsync(0), count: 2, card: "pm_card_visa");
        await _world.ChargeDueAsync();
        await _world.ExecuteAsync($"UPDATE installment_orders SET status = 'cancelled'");
        await _world.ExecuteAsync($"UPDATE installments SET status = 'cancelled', next_attempt_at = NULL WHERE number = 2");

        await _world.SettleChargeAsync(order, 1, isPaid ? StripeResult.Succeeded("pi_1") : Declined);

        Assert.Equal(state, await _world.StateAsync(order));
    }

    [Fact]
    public async Task A_charge_has_its_orders_data_and_says_which_installment_it_is_for()
    {
        var order = await _world.AddOrderAsync(
            await _world.AddCustomerAsync(100), count: 3, split: """[{"destination":"acct_a","amount":20},{"destination":"acct_b","amount":10}]""");

        await _world.ChargeDueAsync();

        var installment = await _world.ScalarAsync<Guid>($"SELECT id FROM installments WHERE number = 1");
        Assert.Equal(
            $$"""{"order":"A-17","price":1.50,"installment_id":"{{installment}}","installment_order_id":"{{order}}"}""",
            await _world.ScalarAsync<string>($"SELECT metadata::text FROM charges"));
        Assert.Equal(
            $"{installment} {order} acct_a:6.67 acct_b:3.33",
            await _world.ScalarAsync<string>(
                $"""
                SELECT c.installment_id || ' ' || c.installment_order_id || ' ' || string_agg((p->>'destination') || ':' || (p->>'amount'), ' ')
                FROM charges c, json_array_elements(c.parts) AS p GROUP BY c.id
                """));
    }

    [Fact]
    public async Task Over_the_whole_order_each_destination_gets_exactly_what_is_its()
    {
        await _world.AddOrderAsync(
            await _world.AddCustomerAsync(100), count: 3, split: """[{"destination":"acct_a","percent":66.6667},{"destination":"acct_b","percent":33.3333}]""");
        await _world.AdvanceAsync(100);

        await _world.ChargeDueAsync();

        Assert.Equal(
            "merchant:acct_a 20.01 merchant:acct_b 9.99",
            await _world.ScalarAsync<string>(
                $"SELECT string_agg(owner || ' ' || trim_scale(balance), ' ' ORDER BY owner) FROM accounts WHERE kind = 'merchant'"));
    }
}
