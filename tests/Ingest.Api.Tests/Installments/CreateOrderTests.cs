namespace Ingest.Api.Tests.Installments;

public sealed class CreateOrderTests(OrderService orders) : IClassFixture<OrderService>
{
    [Fact]
    public async Task An_order_is_answered_with_its_installments_as_they_will_be_charged()
    {
        var answer = await orders.CreateAsync(
            """
            "customer_id":"cust_new","amount":100,"currency":"usd","installment_count":3,"first_due_date":"2026-01-31","time_zone":"Europe/Berlin",
            "metadata":{"order":"A-17","price":1.50}
            """);

        Assert.Equal(200, answer.Status);
        var order = answer.Json;
        Assert.Equal(
            ("cust_new", "100.00", "USD", "3", "33.33", "active", "Europe/Berlin", "", "", """{"order":"A-17","price":1.50}"""),
            (order.Text("customer_id"), order.Text("amount"), order.Text("currency"), order.Text("installment_count"), order.Text("installment_amount"),
                order.Text("status"), order.Text("time_zone"), order.Text("split_instructions"), order.Text("updated_at"), order.Text("metadata")));
        Assert.Equal("1 2 3", order.Each("installment_number"));
        Assert.Equal("33.34 33.33 33.33", order.Each("amount"));
        Assert.Equal("2026-01-31 2026-02-28 2026-03-31", order.Each("due_date"));
        Assert.Equal("2026-01-30T23:00:00Z 2026-02-27T23:00:00Z 2026-03-30T22:00:00Z", order.Each("next_attempt_at"));
        Assert.Equal("pending pending pending", order.Each("status"));
        Assert.Equal($"{order.Id()} {order.Id()} {order.Id()}", order.Each("order_id"));
        Assert.Equal(("null null null", "0 0 0", "null null null"), (order.Each("charge_id"), order.Each("attempts"), order.Each("updated_at")));
        Assert.Equal("active: pending pending pending", await orders.StateAsync(order));
    }

    [Fact]
    public async Task Without_a_date_the_first_falls_due_a_month_from_now_by_the_business_clock()
    {
        await orders.Ingest.Database.ExecuteAsync("INSERT INTO business_clock (id, ahead) VALUES (true, interval '400 d')");
        try
        {
            var expected = await orders.Ingest.Database.ReadAsync<string>(
                "SELECT to_char((business_now() AT TIME ZONE 'Asia/Tokyo')::date + interval '1 month', 'YYYY-MM-DD')");
            var order = await orders.OrderAsync("""  "customer_id":"c","amount":10,"installment_count":1,"time_zone":"Asia/Tokyo"  """);
            Assert.Equal(expected, order.Each("due_date"));
        }
        finally
        {
            await orders.Ingest.Database.ExecuteAsync("DELETE FROM business_clock");
        }
    }

    [Theory]
    [InlineData("""  "installment_count":2,"interval":"week","first_due_date":"2026-02-25"  """, "2026-02-25 2026-03-04")]
    [InlineData("""  "installment_count":3,"interval":"day","first_due_date":"2026-12-31"  """, "2026-12-31 2027-01-01 2027-01-02")]
    [InlineData("""  "installment_count":1,"first_due_date":"2026-01-31T22:59:59Z","time_zone":"Europe/Berlin"  """, "2026-01-31")]
    [InlineData("""  "installment_count":1,"first_due_date":"2026-01-31T23:00:00Z","time_zone":"Europe/Berlin"  """, "2026-02-01")]
    [InlineData("""  "installment_count":1,"first_due_date":"2026-01-31T23:00:00-05:00"  """, "2026-02-01")]
    [InlineData("""  "schedule":[{"due_date":"2026-01-05","amount":"40"},{"due_date":"2026-03-01","amount":50}]  """, "2026-01-05 2026-03-01")]
    public async Task Due_dates_are_those_asked_for(string members, string dates) =>
        Assert.Equal(dates, (await orders.OrderAsync($""" "customer_id":"c","amount":90,{members} """)).Each("due_date"));

    [Fact]
    public async Task A_schedule_of_ones_own_has_its_own_amounts_and_the_smallest_is_shown()
    {
        var order = await orders.OrderAsync(
            """ "customer_id":"c","amount":90,"schedule":[{"due_date":"2026-01-05","amount":50},{"due_date":"2026-03-01","amount":"40.00"}] """);
        Assert.Equal(("50.00 40.00", "40.00", "2"), (order.Each("amount"), order.Text("installment_amount"), order.Text("installment_count")));
    }

    [Fact]
    public async Task An_order_that_is_not_activated_has_nothing_to_be_charged()
    {
        var order = await orders.OrderAsync(""" "customer_id":"c","amount":10,"installment_count":2,"activate":false """);
        Assert.Equal(("pending", "null null"), (order.Text("status"), order.Each("next_attempt_at")));
    }

    [Theory]
    [InlineData("", "{2,4}")] // The setting.
    [InlineData(""" "dunning":[7], """, "{7}")]
    [InlineData(""" "dunning":[], """, "{}")]
    public async Task Dunning_days_are_kept_with_the_order(string members, string days)
    {
        var order = await orders.OrderAsync($$""" {{members}} "customer_id":"c","amount":10,"installment_count":1 """);
        Assert.Equal(days, await orders.Ingest.Database.ReadAsync<string>($"SELECT dunning::text FROM installment_orders WHERE id = '{order.Id()}'"));
    }

    [Fact]
    public async Task What_a_charge_needs_is_kept_with_the_order()
    {
        var order = await orders.OrderAsync(
            """
            "customer_id":"c","amount":10,"installment_count":1,"stripe_payment_method":"pm_1","stripe_customer":"cus_1",
            "split_instructions":[{"destination":"acct_a","percent":100}]
            """);
        Assert.Equal("""[{"destination":"acct_a","percent":100}]""", order.Text("split_instructions"));
        Assert.Equal(
            "pm_1 cus_1",
            await orders.Ingest.Database.ReadAsync<string>(
                $"SELECT stripe_payment_method || ' ' || stripe_customer FROM installment_orders WHERE id = '{order.Id()}'"));
    }

    [Theory]
    [InlineData(""" "amount":10 """, "installment_count")]
    [InlineData(""" "amount":10,"installment_count":0 """, "installment_count")]
    [InlineData(""" "amount":10,"installment_count":25 """, "installment_count")]
    [InlineData(""" "amount":10,"installment_count":2.5 """, "installment_count")]
    [InlineData(""" "amount":10,"installment_count":"2" """, "installment_count")]
    [InlineData(""" "amount":10,"installment_count":1e999999999 """, "installment_count")]
    [InlineData(""" "amount":0.02,"installment_count":3 """, "installment_count")] // Some would be 0.
    [InlineData(""" "amount":100,"installment_count":3,"installment_amount":33.33 """, "installment_amount")]
    [InlineData(""" "amount":100,"installment_count":2,"installment_amount":50.01 """, "installment_amount")]
    [InlineData(""" "amount":100,"installment_count":2,"installment_amount":0 """, "installment_amount")]
    [InlineData(""" "amount":100,"installment_count":2,"installment_amount":[] """, "installment_amount")]
    [InlineData(""" "amount":1.001,"installment_count":1 """, "amount")]
    [InlineData(""" "installment_count":1 """, "amount")]
    [InlineData(""" "amount":10,"installment_count":1,"interval":"year" """, "interval")]
    [InlineData(""" "amount":10,"installment_count":1,"interval":5 """, "interval")]
    [InlineData(""" "amount":10,"installment_count":1,"first_due_date":"2026-02-30" """, "first_due_date")]
    [InlineData(""" "amount":10,"installment_count":1,"first_due_date":"tomorrow" """, "first_due_date")]
    [InlineData(""" "amount":10,"installment_count":1,"first_due_date":"0001-01-01" """, "first_due_date")]
    [InlineData(""" "amount":10,"installment_count":1,"first_due_date":"9999-12-31T23:59:59Z" """, "first_due_date")]
    [InlineData(""" "amount":10,"installment_count":1,"first_due_date":20260131 """, "first_due_date")]
    [InlineData(""" "amount":10,"installment_count":1,"time_zone":"Mars/Olympus" """, "time_zone")]
    [InlineData(""" "amount":10,"installment_count":1,"time_zone":"localtime" """, "time_zone")]
    [InlineData(""" "amount":10,"installment_count":1,"time_zone":"\ud800" """, "time_zone")]
    [InlineData(""" "amount":10,"installment_count":1,"activate":"yes" """, "activate")]
    [InlineData(""" "amount":10,"installment_count":1,"dunning":3 """, "dunning")]
    [InlineData(""" "amount":10,"installment_count":1,"dunning":[91] """, "dunning")]
    [InlineData(""" "amount":10,"installment_count":1,"dunning":[1,1,1,1,1,1,1,1,1,1,1] """, "dunning")]
    [InlineData(""" "amount":10,"installment_count":1,"dunning":[0.5] """, "dunning")]
    [InlineData(""" "amount":10,"installment_count":1,"metadata":[] """, "metadata")]
    [InlineData(""" "amount":10,"installment_count":1,"split_instructions":[{"destination":"a","amount":9}] """, "split_instructions")]
    [InlineData(""" "amount":10,"schedule":[] """, "schedule")]
    [InlineData(""" "amount":10,"schedule":{} """, "schedule")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"2026-01-01","amount":9}] """, "schedule")]
    [InlineData(""" "amount":10,"schedule":[5] """, "schedule[0]")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"soon","amount":10}] """, "schedule[0].due_date")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"2026-01-01"}] """, "schedule[0].amount")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"2026-01-01","amount":0.001}] """, "schedule[0].amount")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"2026-01-01","amount":5},{"due_date":"2026-01-01","amount":5}] """, "schedule[1].due_date")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"2026-01-01","amount":10}],"installment_count":1 """, "installment_count")]
    [InlineData(""" "amount":10,"schedule":[{"due_date":"2026-01-01","amount":10}],"interval":"day" """, "interval")]
    public async Task What_is_not_acceptable_is_named_and_no_order_is_made(string members, string field)
    {
        var customer = await orders.AddCustomerAsync();

        var problem = (await orders.CreateAsync($$""" "customer_id":"{{customer}}",{{members}} """)).IsProblem(422, "validation_failed");

        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(0, await orders.CountOrdersAsync(customer));
    }

    [Fact]
    public async Task Every_field_that_is_not_acceptable_is_named()
    {
        var problem = (await orders.CreateAsync(""" "amount":-1,"interval":"year","time_zone":"X/Y" """)).IsProblem(422, "validation_failed");
        Assert.Equal(
            ["amount", "customer_id", "installment_count", "interval", "time_zone"],
            problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task What_cannot_be_read_is_a_400(string body) => (await orders.PostAsync("/orders", body)).IsProblem(400, "invalid_json");

    [Fact]
    public async Task A_repeat_with_the_same_key_is_the_same_order_and_another_body_is_refused()
    {
        var customer = await orders.AddCustomerAsync();
        var first = await orders.CreateAsync($$""" "customer_id":"{{customer}}","amount":10,"installment_count":2,"first_due_date":"2026-01-31" """, "order-1");
        var again = await orders.CreateAsync(
            $$""" "first_due_date":"2026-01-31T00:00:00Z","installment_count":2.0,"amount":"10.00","customer_id":"{{customer}}" """, "order-1");

        Assert.Equal((200, first.Body, "true"), (again.Status, again.Body, again.Headers["Idempotency-Replayed"]));
        Assert.Equal(1, await orders.CountOrdersAsync(customer));
        (await orders.CreateAsync($$""" "customer_id":"{{customer}}","amount":10,"installment_count":3,"first_due_date":"2026-01-31" """, "order-1"))
            .IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task Without_a_key_each_request_is_an_order()
    {
        var customer = await orders.AddCustomerAsync();
        var members = $$""" "customer_id":"{{customer}}","amount":10,"installment_count":1 """;
        Assert.NotEqual((await orders.OrderAsync(members)).Id(), (await orders.OrderAsync(members)).Id());
        Assert.Equal(2, await orders.CountOrdersAsync(customer));
    }
}
