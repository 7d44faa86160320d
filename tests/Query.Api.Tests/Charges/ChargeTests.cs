using System.Globalization;
using Data;
using Query.Api.Tests.Lists;

namespace Query.Api.Tests.Charges;

public sealed class ChargeTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Customers _customers = new(databases.ConnectionString);

    [Theory]
    [InlineData("USD", "130.00", "100.00", "30.00", "0.00")]
    [InlineData("JPY", "130", "100", "30", "0")]
    [InlineData("KWD", "130.000", "100.000", "30.000", "0.000")]
    public async Task A_charge_is_shown_whole_and_what_was_sent_as_it_was_sent(string currency, string amount, string wallet, string external, string none)
    {
        var customer = Customers.NewId();
        var order = Guid.NewGuid();
        var id = await _customers.AddChargeAsync(customer, currency: currency, order: order, split: """[{"destination":"acct_1","percent":100.0}]""");

        using var response = await _query.GetAsync($"/charges/{id}");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            $$$"""
            {"id":"{{{id}}}","customer_id":"{{{customer}}}","amount":{{{amount}}},"currency":"{{{currency}}}","status":"succeeded","payment_method":"mixed",
            "wallet_amount":{{{wallet}}},"external_amount":{{{external}}},"external_charge_id":"pi_1","refunded_amount":{{{none}}},"failure_code":null,
            "failure_message":null,"split_instructions":[{"destination":"acct_1","percent":100.0}],"metadata":{"a":1.50,"note":"é"},"installment_id":null,
            "installment_order_id":"{{{order}}}","created_at":"2026-01-15T10:30:00.125Z","updated_at":null}
            """.ReplaceLineEndings(""),
            body);
        Assert.Equal($"[{body}]", (await _query.GetJsonAsync($"/charges?customer_id={customer}")).GetRawText());
    }

    [Fact]
    public async Task A_list_shows_those_that_match_every_filter_the_newest_first()
    {
        var (customer, other, order) = (Customers.NewId(), Customers.NewId(), Guid.NewGuid());
        var first = await _customers.AddChargeAsync(customer, "succeeded", order: order);
        var second = await _customers.AddChargeAsync(customer, "failed", order: order);
        var third = await _customers.AddChargeAsync(customer, "pending");
        var fourth = await _customers.AddChargeAsync(customer, "succeeded");
        var anothers = await _customers.AddChargeAsync(other, "succeeded", order: order);

        Assert.Equal([fourth, third, second, first], await IdsAsync($"customer_id={customer}"));
        Assert.Equal([fourth, first], await IdsAsync($"customer_id={customer}&status=succeeded"));
        Assert.Equal([third], await IdsAsync($"customer_id={customer}&status=pending&installment_order_id="));
        Assert.Equal([anothers, second, first], await IdsAsync($"installment_order_id={order}"));
        Assert.Equal([second, first], await IdsAsync($"installment_order_id={order}&customer_id={customer}"));
        Assert.Equal([second], await IdsAsync($"installment_order_id={$"{order}".ToUpperInvariant()}&status=failed"));
        Assert.Empty(await IdsAsync($"installment_order_id={Guid.NewGuid()}"));
        Assert.Empty(await IdsAsync($"customer_id={other}&status=failed"));
        var all = await IdsAsync("limit=200");
        Assert.Equal(all.OrderByDescending(id => $"{id}", StringComparer.Ordinal), all);
        Assert.Empty((await IdsAsync("status=failed&limit=200")).Intersect([first, third, fourth, anothers]));
    }

    [Fact]
    public async Task A_list_of_a_time_shows_those_that_were_made_from_then_on_and_before_the_other()
    {
        var (customer, order) = (Customers.NewId(), Guid.NewGuid());
        var ids = new List<Guid>();
        foreach (var status in (string[])["succeeded", "failed", "pending"]) ids.Add(await _customers.AddChargeAsync(customer, status, order: order));
        string At(int charge) => UuidTime.Of(ids[charge]).ToString("O", CultureInfo.InvariantCulture);

        foreach (var filter in (string[])[$"customer_id={customer}", $"installment_order_id={order}"])
        {
            Assert.Equal([ids[2], ids[1]], await IdsAsync($"{filter}&created_from={At(1)}"));
            Assert.Equal([ids[0]], await IdsAsync($"{filter}&created_to={At(1)}"));
            Assert.Equal([ids[1]], await IdsAsync($"{filter}&created_from={At(1)}&created_to={At(2)}"));
            Assert.Empty(await IdsAsync($"{filter}&created_from={At(1)}&created_to={At(1)}"));
            Assert.Empty(await IdsAsync($"{filter}&created_from={At(1)}&created_to={At(2)}&status=pending"));
        }
    }

    [Theory]
    [InlineData("created_from", "created_from=yesterday", "RFC 3339")]
    [InlineData("created_to", "created_from=2026-01-15T00:00:00Z&created_to=2026-01-14T00:00:00Z", "earlier")]
    [InlineData("status", "status=SUCCEEDED", "pending, succeeded, failed")]
    [InlineData("status", "status=refunded", "pending, succeeded, failed")]
    [InlineData("status", "status=%00", "pending, succeeded, failed")]
    [InlineData("customer_id", "customer_id=a%20b", "1-128 characters")]
    [InlineData("installment_order_id", "installment_order_id=1", "UUID")]
    public async Task A_filter_that_is_not_allowed_is_named_with_what_is(string name, string query, string allowed)
    {
        var problem = await _query.GetProblemAsync($"/charges?{query}", 422);

        Assert.Contains(allowed, problem.GetProperty("errors").GetProperty(name)[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refunds_are_the_charges_own_in_its_currency()
    {
        var customer = Customers.NewId();
        var charge = await _customers.AddChargeAsync(customer, currency: "KWD");
        var another = await _customers.AddChargeAsync(customer);
        var first = await _customers.AddRefundAsync(charge, 10.5m);
        var second = await _customers.AddRefundAsync(charge, 2, "pending");
        await _customers.AddRefundAsync(another, 3);

        var refunds = (await _query.PageAsync($"/charges/{charge}/refunds")).Rows;

        Assert.Equal([second, first], refunds.Ids());
        Assert.Equal(
            $$"""
            {"id":"{{first}}","charge_id":"{{charge}}","amount":10.500,"wallet_amount":9.500,"external_amount":1.000,"status":"succeeded",
            "reason":"requested_by_customer","failure_message":null,"created_at":"2026-01-15T10:35:00Z"}
            """.ReplaceLineEndings(""),
            refunds[1].GetRawText());
        Assert.Empty((await _query.PageAsync($"/charges/{await _customers.AddChargeAsync(customer)}/refunds")).Rows);
    }

    [Theory]
    [InlineData("1"), InlineData("abc"), InlineData("%ff"), InlineData("{019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f}")]
    [InlineData("019a6f3e8b1a7c3d9e4f0a1b2c3d4e5f"), InlineData("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"), InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task An_unknown_id_and_what_cannot_be_one_are_404(string id)
    {
        foreach (var path in (string[])["", "/refunds", "/refunds?limit=0"])
        {
            if (path.EndsWith('0') && Guid.TryParseExact(id, "D", out _)) continue; // A parameter is looked at where the id can be one.
            var problem = await _query.GetProblemAsync($"/charges/{id}{path}", 404);
            Assert.Contains("GET /charges", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private async Task<List<Guid>> IdsAsync(string query) => [.. (await _query.PageAsync($"/charges?{query}")).Rows.Ids()];
}
