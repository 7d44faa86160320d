using Data.Charges;
using Npgsql;

namespace Ingest.Api.Tests.Installments;

public sealed class ProcessInstallmentTests(OrderService orders) : IClassFixture<OrderService>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_wallet_pays_is_paid_in_the_answer_before_its_date()
    {
        var order = await orders.OrderAsync($$""" "customer_id":"{{await orders.AddCustomerAsync(100)}}","amount":20,"installment_count":2 """);

        var answer = await orders.PostAsync($"/installments/{order.InstallmentId(1)}/process");

        Assert.Equal((200, "Installment payment processing started"), (answer.Status, answer.Json.Text("message")));
        var installment = answer.Json.GetProperty("installment");
        Assert.Equal(("paid", "1", ""), (installment.Text("status"), installment.Text("attempts"), installment.Text("next_attempt_at")));
        Assert.Equal(
            $"succeeded {order.InstallmentId(1)}",
            await orders.Ingest.Database.ReadAsync<string>(
                $"SELECT status || ' ' || installment_id FROM charges WHERE id = '{installment.Text("charge_id")}'"));
        Assert.Equal("active: paid pending", await orders.StateAsync(order));
    }

    [Fact]
    public async Task A_card_is_asked_later_and_the_last_installment_completes_the_order()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":1,"stripe_payment_method":"pm_card_visa" """);

        var answer = await orders.PostAsync($"/installments/{order.InstallmentId(1)}/process");
        Assert.Equal("processing", answer.Json.GetProperty("installment").Text("status"));
        await using (var connection = new NpgsqlConnection(orders.Ingest.Database.ConnectionString))
        {
            await connection.OpenAsync(Cancelled);
            await using var transaction = await connection.BeginTransactionAsync(Cancelled);
            var charge = Guid.Parse(answer.Json.GetProperty("installment").Text("charge_id"));
            await SettleCharge.RunAsync(connection, charge, StripeResult.Succeeded("pi_1"), claim: null, Cancelled);
            await transaction.CommitAsync(Cancelled);
        }

        Assert.Equal("completed: paid", await orders.StateAsync(order));
    }

    [Fact]
    public async Task What_cannot_be_paid_is_overdue_and_tried_again_as_dunning_says()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":2,"dunning":[2] """);

        var installment = (await orders.PostAsync($"/installments/{order.InstallmentId(1)}/process")).Json.GetProperty("installment");

        Assert.Equal("overdue", installment.Text("status"));
        Assert.True(await orders.Ingest.Database.ReadAsync<bool>(
            $"SELECT next_attempt_at BETWEEN now() + interval '47 h' AND now() + interval '48 h' FROM installments WHERE id = '{installment.Id()}'"));
        Assert.Equal("failed", (await orders.PostAsync($"/installments/{order.InstallmentId(1)}/process")).Json.GetProperty("installment").Text("status"));
        Assert.Equal("failed: failed cancelled", await orders.StateAsync(order));
    }

    [Fact]
    public async Task Of_many_calls_at_once_one_makes_the_charge()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":1,"stripe_payment_method":"pm_card_visa" """);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => orders.PostAsync($"/installments/{order.InstallmentId(1)}/process")));

        Assert.Single(answers, answer => answer.Status == 200);
        foreach (var other in answers.Where(answer => answer.Status != 200))
            Assert.Contains("processing", other.IsProblem(422, "installment_state").Text("detail"), StringComparison.Ordinal);
        Assert.Equal(1, await orders.CountChargesAsync(order));
    }

    [Fact]
    public async Task Of_many_calls_with_one_key_all_are_told_of_the_one_charge()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":1,"stripe_payment_method":"pm_card_visa" """);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => orders.PostAsync($"/installments/{order.InstallmentId(1)}/process", key: $"process-{order.Id()}")));

        Assert.All(answers, answer => Assert.Equal((200, answers[0].Body), (answer.Status, answer.Body)));
        Assert.Equal(1, await orders.CountChargesAsync(order));
    }

    [Theory]
    [InlineData("paid", "is paid")]
    [InlineData("processing", "is processing")]
    [InlineData("failed", "is failed")]
    [InlineData("cancelled", "is cancelled")]
    public async Task A_state_in_which_it_is_not_charged_is_named(string status, string detail)
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":1 """);
        await orders.Ingest.Database.ExecuteAsync($"UPDATE installments SET status = '{status}', next_attempt_at = NULL WHERE order_id = '{order.Id()}'");

        var problem = (await orders.PostAsync($"/installments/{order.InstallmentId(1)}/process")).IsProblem(422, "installment_state");

        Assert.Contains(detail, problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, await orders.CountChargesAsync(order));
    }

    [Fact]
    public async Task An_installment_of_an_order_that_is_not_active_is_not_charged()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":1,"activate":false """);

        var problem = (await orders.PostAsync($"/installments/{order.InstallmentId(1)}/process")).IsProblem(422, "order_state");

        Assert.Contains("order is pending", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, await orders.CountChargesAsync(order));
    }
}
