namespace Ingest.Api.Tests.Installments;

public sealed class ChangeOrderTests(OrderService orders) : IClassFixture<OrderService>
{
    private const string Pending = """ "customer_id":"c","amount":20,"installment_count":2,"first_due_date":"2026-01-31","activate":false """;

    [Fact]
    public async Task An_activated_order_is_charged_on_its_dates()
    {
        var order = await orders.OrderAsync(Pending);

        var answer = await orders.PostAsync($"/orders/{order.Id()}/activate");

        Assert.Equal((200, "Installment order activated successfully"), (answer.Status, answer.Json.Text("message")));
        var activated = answer.Json.GetProperty("order");
        Assert.Equal(
            (order.Id(), "active", "2026-01-31T00:00:00Z 2026-02-28T00:00:00Z"),
            (activated.Id(), activated.Text("status"), activated.Each("next_attempt_at")));
        Assert.NotEqual("", activated.Text("updated_at"));
    }

    [Fact]
    public async Task Activating_again_is_answered_the_same()
    {
        var order = await orders.OrderAsync(Pending);
        var first = await orders.PostAsync($"/orders/{order.Id()}/activate", "{}");
        var again = await orders.PostAsync($"/orders/{order.Id()}/activate");
        Assert.Equal((200, first.Body), (again.Status, again.Body));
    }

    [Fact]
    public async Task A_cancelled_orders_open_installments_are_cancelled()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":20,"installment_count":2 """);

        var answer = await orders.PostAsync($"/orders/{order.Id()}/cancel");

        var cancelled = answer.Json.GetProperty("order");
        Assert.Equal(
            (200, "Installment order cancelled successfully", "cancelled", "cancelled cancelled", "null null"),
            (answer.Status, answer.Json.Text("message"), cancelled.Text("status"), cancelled.Each("status"), cancelled.Each("next_attempt_at")));
        Assert.Equal(answer.Body, (await orders.PostAsync($"/orders/{order.Id()}/cancel")).Body);
    }

    [Theory]
    [InlineData("completed", "activate")]
    [InlineData("failed", "activate")]
    [InlineData("cancelled", "activate")]
    [InlineData("completed", "cancel")]
    [InlineData("failed", "cancel")]
    public async Task A_state_that_does_not_allow_it_is_named(string status, string action)
    {
        var order = await orders.OrderAsync(Pending);
        await orders.Ingest.Database.ExecuteAsync($"UPDATE installment_orders SET status = '{status}' WHERE id = '{order.Id()}'");

        var problem = (await orders.PostAsync($"/orders/{order.Id()}/{action}")).IsProblem(422, "order_state");

        Assert.Contains($"this one is {status}", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal($"{status}: pending pending", await orders.StateAsync(order));
    }

    [Theory]
    [InlineData("/orders/019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f/activate")]
    [InlineData("/orders/019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f/cancel")]
    [InlineData("/orders/42/activate")]
    [InlineData("/orders/{019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f}/cancel")]
    [InlineData("/installments/019a6f50-2222-7c3d-9e4f-0a1b2c3d4e5f/process")]
    [InlineData("/installments/nonsense/process")]
    public async Task What_is_not_there_is_a_404(string path) => (await orders.PostAsync(path)).IsProblem(404, "not_found");

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_first_answer_whatever_happened_since()
    {
        var order = await orders.OrderAsync(Pending);
        var first = await orders.PostAsync($"/orders/{order.Id()}/activate", key: "activate-1");
        await orders.PostAsync($"/orders/{order.Id()}/cancel");

        var again = await orders.PostAsync($"/orders/{order.Id()}/activate", key: "activate-1");

        Assert.Equal((200, first.Body, "true"), (again.Status, again.Body, again.Headers["Idempotency-Replayed"]));
    }
}
