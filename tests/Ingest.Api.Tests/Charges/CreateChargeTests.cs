namespace Ingest.Api.Tests.Charges;

public sealed class CreateChargeTests(ChargeService service) : IClassFixture<ChargeService>
{
    private const string Id = "019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f";

    [Fact]
    public async Task What_the_wallet_covers_is_paid_at_once()
    {
        var customer = await service.AddCustomerAsync(100);
        var charge = await service.ChargeAsync(
            customer, $$"""
            "amount":"60.00","metadata":{"z":1.50,"a":[1e2]},"installment_id":"{{Id}}","installment_order_id":"{{Id}}","split_instructions":{"to":"us"}
            """);
        Assert.Equal(("succeeded", "wallet", "60.00"), Of(charge));
        Assert.Equal("""{"z":1.50,"a":[1e2]}""", charge.GetProperty("metadata").GetRawText());
        Assert.Equal("""{"to":"us"}""", charge.GetProperty("split_instructions").GetRawText());
        Assert.Equal(Id, charge.GetProperty("installment_id").GetString());
        Assert.Equal("40", await service.WalletAsync(customer));
    }

    [Fact]
    public async Task Without_a_card_for_the_rest_the_charge_fails_and_nothing_is_taken()
    {
        var customer = await service.AddCustomerAsync(100);
        var charge = await service.ChargeAsync(customer, "\"amount\":100.01");
        Assert.Equal("failed", charge.GetProperty("status").GetString());
        Assert.Equal(("insufficient_funds", System.Text.Json.JsonValueKind.Null), (charge.GetProperty("failure_code").GetString(), charge.GetProperty(
            "payment_method").ValueKind));
        Assert.Equal("100", await service.WalletAsync(customer));
    }

    [Fact]
    public async Task The_same_credit_is_not_spent_twice_by_charges_at_the_same_time()
    {
        var customer = await service.AddCustomerAsync(100);
        var charges = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => service.ChargeAsync(customer, "\"amount\":30")));
        Assert.Equal(3, charges.Count(charge => charge.GetProperty("status").GetString() == "succeeded"));
        Assert.Equal("10", await service.WalletAsync(customer));
    }

    [Fact]
    public async Task A_split_is_carried_out_in_the_ledger_to_the_last_unit()
    {
        var customer = await service.AddCustomerAsync(100);
        await service.ChargeAsync(customer, $$"""
            "amount":30.02,"split_instructions":[{"destination":"{{customer}}-a","percent":33.3334},{"destination":"{{customer}}-b","percent":"33.3333"},
            {"destination":"{{customer}}-a","percent":33.3333}]
            """);
        Assert.Equal($"{customer}-a 20.01 {customer}-b 10.01", await service.Ingest.Database.ReadAsync<string>(
            "SELECT string_agg(substr(owner, 10) || ' ' || trim_scale(balance), ' ' ORDER BY owner) FROM accounts "
            + $"WHERE owner LIKE 'merchant:{customer}-%'"));
    }

    [Fact]
    public async Task A_card_part_is_recorded_before_Stripe_is_asked_and_the_outcome_that_comes_later_is_answered()
    {
        var customer = await service.AddCustomerAsync(100);
        var (charging, id) = await BeginAsync(customer, "key-paid");
        Assert.Equal("""{"amount":3000,"currency":"usd","payment_method":"pm_card_visa","customer":null,"payment_intent":null}""",
            await service.Ingest.Database.ReadAsync<string>($"SELECT body::text FROM stripe_requests WHERE charge_id = '{id}'"));
        Assert.Equal("0", await service.WalletAsync(customer));
        await service.ReportAsync("payment_intent.succeeded", $$$""" "id":"pi_9","status":"succeeded","metadata":{"charge_id":"{{{id}}}"} """);

        // Whether the caller was still waiting or not: a repeat gets what the first caller got.
        var first = await charging;
        var again = await service.PostAsync("/charges", Body(customer), "key-paid");
        Assert.Equal((first.Body, "true"), (again.Body, again.Headers["Idempotency-Replayed"]));
        Assert.Equal("succeeded pi_9", await service.Ingest.Database.ReadAsync<string>(
            $"SELECT status || ' ' || external_charge_id FROM charges WHERE id = '{id}'"));
    }

    [Fact]
    public async Task Fifty_requests_with_one_key_are_one_charge()
    {
        var customer = await service.AddCustomerAsync(100);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            service.PostAsync("/charges", $$"""{"customer_id":"{{customer}}","amount":2}""", $"key-{customer}")));
        Assert.All(answers, answer => Assert.Equal((200, answers[0].Body), (answer.Status, answer.Body)));
        Assert.Equal("98", await service.WalletAsync(customer));
    }

    [Fact]
    public async Task A_repeat_is_recognized_by_what_its_body_means()
    {
        var customer = await service.AddCustomerAsync(100);
        await service.PostAsync("/charges", $$"""{"customer_id":"{{customer}}","amount":2,"metadata":{"a":1,"b":{"c":2.0} } }""", $"key-{customer}");
        var again = await service.PostAsync(
            "/charges", $$"""{"metadata":{"b":{"c":2},"a":1.0},  "amount":"2.00","customer_id":"{{customer}}"}""", $"key-{customer}");
        Assert.Equal("true", again.Headers["Idempotency-Replayed"]);
        (await service.PostAsync("/charges", $$"""{"customer_id":"{{customer}}","amount":2,"metadata":{"a":2} }""", $"key-{customer}"))
            .IsProblem(422, "idempotency_key_reused");
    }

    private static string Body(string customer) => $$"""{"customer_id":"{{customer}}","amount":130,"stripe_payment_method":"pm_card_visa"}""";

    /// <summary>Sends a charge that waits for Stripe, and finds its row.</summary>
    private async Task<(Task<Answer> Charging, Guid Id)> BeginAsync(string customer, string key)
    {
        var charging = service.PostAsync("/charges", Body(customer), key);
        await Support.Eventually.TrueAsync(
            _ => service.Ingest.Database.ReadAsync<bool>($"SELECT EXISTS (SELECT FROM charges WHERE customer_id = '{customer}')"),
                TestContext.Current.CancellationToken);
        return (charging, await service.Ingest.Database.ReadAsync<Guid>($"SELECT id FROM charges WHERE customer_id = '{customer}'"));
    }

    private static (string?, string?, string) Of(System.Text.Json.JsonElement charge) => (
        charge.GetProperty("status").GetString(), charge.GetProperty("payment_method").GetString(), charge.GetProperty("amount").GetRawText());
}
