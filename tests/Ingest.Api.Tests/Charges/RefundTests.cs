namespace Ingest.Api.Tests.Charges;

public sealed class RefundTests(ChargeService service) : IClassFixture<ChargeService>
{
    [Fact]
    public async Task A_wallet_charge_is_refunded_at_once_and_its_destinations_give_in_proportion()
    {
        var customer = await service.AddCustomerAsync(100);
        var id = await PaidAsync(customer, $$"""
            "amount":100,"split_instructions":[{"destination":"{{customer}}-a","percent":75},{"destination":"{{customer}}-b","percent":25}]
            """);
        var refund = await service.PostAsync($"/charges/{id}/refunds", """{"amount":10.01,"reason":"Too late"}""");
        Assert.Equal(200, refund.Status);
        Assert.Contains("\"amount\":10.01,\"wallet_amount\":10.01,\"external_amount\":0.00,\"status\":\"succeeded\",\"reason\":\"Too late\"", refund.Body,
            StringComparison.Ordinal);
        Assert.Equal(("10.01", "67.49 22.5"), (await service.WalletAsync(customer), await MerchantsAsync(customer)));
        Assert.Equal(200, (await service.PostAsync($"/charges/{id}/refunds", null)).Status);
        Assert.Equal(("100", "0 0"), (await service.WalletAsync(customer), await MerchantsAsync(customer)));
        (await service.PostAsync($"/charges/{id}/refunds", "{}")).IsProblem(422, "charge_already_refunded");
        Assert.Equal("100", await RefundedAsync(id));
    }

    [Fact]
    public async Task Of_two_refunds_at_once_that_are_more_than_the_charge_exactly_one_is_made()
    {
        for (var round = 0; round < 5; round++)
        {
            var id = await PaidAsync(await service.AddCustomerAsync(100), "\"amount\":100");
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.PostAsync($"/charges/{id}/refunds", """{"amount":60}""")));
            Assert.Equal([200, 422, 422, 422], answers.Select(answer => answer.Status).Order());
            Assert.Equal("60", await RefundedAsync(id));
        }
    }

    [Theory]
    [InlineData("succeeded", "20", "50", "succeeded")]
    [InlineData("failed", "0", "0", "failed")]
    public async Task A_mixed_charge_gives_the_card_its_part_first_once_Stripe_has_answered(string outcome, string wallet, string refunded, string status)
    {
        var customer = await service.AddCustomerAsync(100);
        var id = await MixedAsync(customer);
        var refunding = service.PostAsync($"/charges/{id}/refunds", """{"amount":50}""");
        await Support.Eventually.TrueAsync(
            _ => service.Ingest.Database.ReadAsync<bool>($"SELECT EXISTS (SELECT FROM refunds WHERE charge_id = '{id}')"),
                TestContext.Current.CancellationToken);
        Assert.Equal("pending 20.0000 30.0000 3000 pi_1", await service.Ingest.Database.ReadAsync<string>(
            "SELECT concat_ws(' ', r.status, r.wallet_amount, r.external_amount, q.body->>'amount', q.body->>'payment_intent') "
            + $"FROM refunds r JOIN stripe_requests q ON q.refund_id = r.id WHERE r.charge_id = '{id}'"));
        Assert.Equal("0", await service.WalletAsync(customer)); // Not before Stripe has answered: what is given out cannot be taken back.

        var refund = await service.Ingest.Database.ReadAsync<Guid>($"SELECT id FROM refunds WHERE charge_id = '{id}'");
        await service.ReportAsync("refund.updated", $$$""" "id":"re_1","status":"{{{outcome}}}","metadata":{"refund_id":"{{{refund}}}"} """);
        Assert.Equal(200, (await refunding).Status);
        Assert.Equal((wallet, refunded), (await service.WalletAsync(customer), await RefundedAsync(id)));
        Assert.Equal(status, await service.Ingest.Database.ReadAsync<string>($"SELECT status FROM refunds WHERE id = '{refund}'"));
    }

    [Theory]
    [InlineData("""{"amount":100.01}""", "amount")]
    [InlineData("""{"amount":0}""", "amount")]
    [InlineData("""{"amount":"1.001"}""", "amount")]
    [InlineData("""{"amount":[]}""", "amount")]
    [InlineData("""{"reason":7}""", "reason")]
    public async Task What_is_not_acceptable_is_named_and_changes_nothing(string body, string field)
    {
        var id = await PaidAsync(await service.AddCustomerAsync(100), "\"amount\":100");
        var problem = (await service.PostAsync($"/charges/{id}/refunds", body)).IsProblem(422, "validation_failed");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), $"{problem}");
        Assert.Equal("0", await RefundedAsync(id));
    }

    [Fact]
    public async Task Only_a_charge_that_is_there_and_paid_can_be_refunded()
    {
        (await service.PostAsync("/charges/7/refunds", "{}")).IsProblem(404, "not_found");
        (await service.PostAsync($"/charges/{Guid.NewGuid()}/refunds", "{}")).IsProblem(404, "not_found");
        var failed = (await service.ChargeAsync(await service.AddCustomerAsync(), "\"amount\":5")).GetProperty("id").GetString();
        (await service.PostAsync($"/charges/{failed}/refunds", "{}")).IsProblem(422, "charge_not_refundable");
    }

    [Fact]
    public async Task A_refund_that_was_refused_is_not_made_later_by_the_same_key()
    {
        var customer = await service.AddCustomerAsync(10);
        var charging = service.ChargeAsync(customer, "\"amount\":15,\"stripe_payment_method\":\"pm_card_visa\"");
        var id = $"{await IdAsync(customer)}";
        var refused = await service.PostAsync($"/charges/{id}/refunds", "{}", $"key-{customer}");
        refused.IsProblem(422, "charge_not_refundable");
        await service.ReportAsync("payment_intent.succeeded", $$$""" "id":"pi_1","status":"succeeded","metadata":{"charge_id":"{{{id}}}"} """);
        await charging;

        Assert.Equal(refused.Body, (await service.PostAsync($"/charges/{id}/refunds", "{}", $"key-{customer}")).Body);
        Assert.Equal(0, await service.Ingest.Database.ReadAsync<long>($"SELECT count(*) FROM refunds WHERE charge_id = '{id}'"));
        Assert.Equal(200, (await service.PostAsync($"/charges/{id}/refunds", "{}", $"another-{customer}")).Status);
    }

    private async Task<string> PaidAsync(string customer, string members)
    {
        var charge = await service.ChargeAsync(customer, members);
        Assert.Equal("succeeded", charge.GetProperty("status").GetString());
        return charge.GetProperty("id").GetString()!;
    }

    /// <summary>100 from the wallet and 30 from the card.</summary>
    private async Task<string> MixedAsync(string customer)
    {
        var charging = service.ChargeAsync(customer, "\"amount\":130,\"stripe_payment_method\":\"pm_card_visa\"");
        var id = await IdAsync(customer);
        await service.ReportAsync("payment_intent.succeeded", $$$""" "id":"pi_1","status":"succeeded","metadata":{"charge_id":"{{{id}}}"} """);
        await charging;
        return $"{id}";
    }

    /// <summary>The customer's charge, as soon as it is there.</summary>
    private async Task<Guid> IdAsync(string customer)
    {
        await Support.Eventually.TrueAsync(
            _ => service.Ingest.Database.ReadAsync<bool>($"SELECT EXISTS (SELECT FROM charges WHERE customer_id = '{customer}')"),
            TestContext.Current.CancellationToken);
        return await service.Ingest.Database.ReadAsync<Guid>($"SELECT id FROM charges WHERE customer_id = '{customer}'");
    }

    private Task<string> MerchantsAsync(string customer) => service.Ingest.Database.ReadAsync<string>(
        $"SELECT string_agg(trim_scale(balance)::text, ' ' ORDER BY owner) FROM accounts WHERE owner LIKE 'merchant:{customer}-%'");

    private Task<string> RefundedAsync(string id) =>
        service.Ingest.Database.ReadAsync<string>($"SELECT trim_scale(refunded_amount)::text FROM charges WHERE id = '{id}'");
}
