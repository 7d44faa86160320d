using System.Text.Json;
using Query.Api.Tests.Lists;

namespace Query.Api.Tests.Installments;

public sealed class InstallmentTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Customers _customers = new(databases.ConnectionString);

    [Theory]
    [InlineData("USD", "30.02", "10.00", "10.01")]
    [InlineData("JPY", "31", "10", "11")]
    [InlineData("KWD", "30.002", "10.000", "10.001")]
    public async Task An_order_is_shown_with_its_installments_by_their_number(string currency, string sum, string smaller, string larger)
    {
        var customer = Customers.NewId();
        var (total, low, high) = (Decimal(sum), Decimal(smaller), Decimal(larger));
        var id = await _customers.AddOrderAsync(customer, [high, total - high - low, low], currency: currency);

        var order = await _query.GetJsonAsync($"/installments/orders/{id}");

        var installments = order.GetProperty("installments").EnumerateArray().ToList();
        Assert.StartsWith(
            $$"""
            {"id":"{{id}}","customer_id":"{{customer}}","amount":{{sum}},"currency":"{{currency}}","installment_count":3,"installment_amount":{{smaller}},
            "status":"active","time_zone":"Europe/Berlin","split_instructions":null,"metadata":{},"created_at":"2026-01-15T10:30:00Z","updated_at":null,
            "installments":[
            """.ReplaceLineEndings(""),
            order.GetRawText(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], installments.Select(installment => installment.GetProperty("installment_number").GetInt32()));
        Assert.Equal(
            $$"""
            {"id":"{{installments[0].GetProperty("id").GetGuid()}}","order_id":"{{id}}","installment_number":1,"amount":{{larger}},"due_date":"2026-02-15",
            "status":"pending","charge_id":null,"attempts":0,"next_attempt_at":null,"created_at":"2026-01-15T10:30:00Z","updated_at":null}
            """.ReplaceLineEndings(""),
            installments[0].GetRawText());
        Assert.Equal(order.GetProperty("installments").GetRawText(), (await _query.GetJsonAsync($"/installments/orders/{id}/installments")).GetRawText());
        Assert.Equal($"[{order.GetRawText()}]", (await _query.GetJsonAsync($"/installments/orders?customer_id={customer}")).GetRawText());
    }

    [Fact]
    public async Task A_list_of_orders_shows_those_that_match_every_filter_each_with_its_own_installments()
    {
        var customer = Customers.NewId();
        var first = await _customers.AddOrderAsync(customer, [1, 1]);
        var second = await _customers.AddOrderAsync(customer, [2], "cancelled");
        var third = await _customers.AddOrderAsync(customer, [3, 3, 3], "completed");
        await _customers.AddOrderAsync(Customers.NewId(), [4]);

        var all = (await _query.PageAsync($"/installments/orders?customer_id={customer}")).Rows;

        Assert.Equal([third, second, first], all.Ids());
        Assert.Equal([3, 1, 2], all.Select(order => order.GetProperty("installments").GetArrayLength()));
        Assert.All(all, order => Assert.All(
            order.GetProperty("installments").EnumerateArray(), installment => Assert.Equal(Raw(order, "id"), Raw(installment, "order_id"))));
        Assert.Equal([second], (await _query.PageAsync($"/installments/orders?customer_id={customer}&status=cancelled")).Rows.Ids());
        Assert.Contains(third, (await _query.PageAsync("/installments/orders?status=completed")).Rows.Ids());
        Assert.Empty((await _query.PageAsync($"/installments/orders?customer_id={customer}&status=failed")).Rows);
    }

    [Fact]
    public async Task An_installment_is_due_from_its_next_attempt_on_by_the_business_clock_and_the_longest_due_is_first()
    {
        var connectionString = await databases.CreateAsync($"due_{Guid.NewGuid():N}"); // Of its own: its clock is moved.
        var customers = new Customers(connectionString);
        await using var query = new QueryService(connectionString);
        var now = TimeProvider.System.GetUtcNow();
        var later = await customers.AddOrderAsync("cust_1", [10], nextAttemptAt: now.AddDays(31));
        var second = await customers.AddOrderAsync("cust_1", [10], currency: "JPY", nextAttemptAt: now.AddDays(-1));
        var first = await customers.AddOrderAsync("cust_2", [20, 20], nextAttemptAt: now.AddDays(-2));
        await customers.AddOrderAsync("cust_2", [30]);

        Assert.Equal([first, first, second], Orders(await query.WalkAsync("/installments/due-installments?limit=1")));
        var due = (await query.PageAsync("/installments/due-installments")).Rows;
        Assert.Equal(["20.00", "20.00", "10"], due.Select(installment => Raw(installment, "amount")));
        Assert.Equal([1, 2, 1], due.Select(installment => installment.GetProperty("installment_number").GetInt32()));
        Assert.Equal([second], Orders((await query.PageAsync("/installments/due-installments?customer_id=cust_1")).Rows));
        Assert.Empty((await query.PageAsync("/installments/due-installments?customer_id=cust_3")).Rows);

        await customers.ExecuteAsync("INSERT INTO business_clock (id, ahead) VALUES (true, interval '32 days')");
        Assert.Equal([second, later], Orders((await query.PageAsync("/installments/due-installments?customer_id=cust_1")).Rows));
    }

    [Theory]
    [InlineData("/installments/orders", "status", "status=paid", "pending, active, completed, failed, cancelled")]
    [InlineData("/installments/orders", "customer_id", "customer_id=%00", "1-128 characters")]
    [InlineData("/installments/due-installments", "customer_id", "customer_id=a%20b", "1-128 characters")]
    [InlineData("/installments/due-installments", "cursor", "cursor=CNvmWpOIAABhYmM", "not a valid cursor")]
    public async Task A_filter_that_is_not_allowed_is_named_with_what_is(string path, string name, string query, string allowed)
    {
        var problem = await _query.GetProblemAsync($"{path}?{query}", 422);

        Assert.Contains(allowed, problem.GetProperty("errors").GetProperty(name)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1"), InlineData("abc"), InlineData("due-installments"), InlineData("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f")]
    public async Task An_unknown_order_and_what_cannot_be_one_are_404(string id)
    {
        foreach (var path in (string[])["", "/installments"])
        {
            var problem = await _query.GetProblemAsync($"/installments/orders/{id}{path}", 404);
            Assert.Contains("GET /installments/orders", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<Guid> Orders(List<JsonElement> installments) => installments.Select(row => row.GetProperty("order_id").GetGuid());

    private static string Raw(JsonElement row, string name) => row.GetProperty(name).GetRawText();

    private static decimal Decimal(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
