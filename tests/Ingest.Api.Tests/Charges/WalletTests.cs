namespace Ingest.Api.Tests.Charges;

public sealed class WalletTests(ChargeService service) : IClassFixture<ChargeService>
{
    [Fact]
    public async Task A_wallet_is_created_empty_and_a_second_one_is_refused()
    {
        var customer = await service.AddCustomerAsync();
        var created = await service.PostAsync("/wallets", $$"""{"customer_id":"{{customer}}","currency":"kwd"}""");
        Assert.Equal(200, created.Status);
        Assert.Contains("\"balance\":0.000,\"currency\":\"KWD\",\"is_active\":true", created.Body, StringComparison.Ordinal);
        Assert.EndsWith("\"updated_at\":null}", created.Body, StringComparison.Ordinal);
        (await service.PostAsync("/wallets", $$"""{"customer_id":"{{customer}}"}""")).IsProblem(409, "already_exists");
    }

    [Theory]
    [InlineData("""{"amount":100.5}""", "", "100.50", "Wallet credit")]
    [InlineData("""{"amount":"100.50","description":"Gift"}""", "", "100.50", "Gift")]
    [InlineData(null, "?amount=7&description=By%20query", "7.00", "By query")]
    [InlineData(null, "?amount=7", "7.00", "Wallet credit")]
    public async Task A_credit_comes_as_a_body_or_as_query_parameters(string? body, string query, string balance, string description)
    {
        var customer = await service.AddCustomerAsync(0);
        var answer = await service.PostAsync($"/wallets/{customer}/credit{query}", body);
        Assert.Equal(200, answer.Status);
        Assert.StartsWith($$"""{"message":"Wallet credited successfully","new_balance":{{balance}},"wallet":{"id":""", answer.Body, StringComparison.Ordinal);
        Assert.Equal(description, await service.Ingest.Database.ReadAsync<string>(
            $"SELECT t.description FROM entries e JOIN transfers t ON t.id = e.transfer_id JOIN accounts a ON a.id = e.account_id "
            + $"WHERE a.owner = 'wallet:{customer}'"));
    }

    [Fact]
    public async Task A_credit_with_a_key_is_made_once_however_often_it_is_sent()
    {
        var customer = await service.AddCustomerAsync(0);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => service.PostAsync($"/wallets/{customer}/credit", """{"amount":5}""", $"key-{customer}")));
        Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Body));
        Assert.Equal("5", await service.WalletAsync(customer));
        (await service.PostAsync($"/wallets/{customer}/credit", """{"amount":6}""", $"key-{customer}")).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task Many_credits_at_once_all_count()
    {
        var customer = await service.AddCustomerAsync(0);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => service.PostAsync($"/wallets/{customer}/credit", """{"amount":0.01}""")));
        Assert.Equal("0.3", await service.WalletAsync(customer));
    }

    [Theory]
    [InlineData("/wallets", """{"currency":"USD"}""", 422, "customer_id")]
    [InlineData("/wallets", """{"customer_id":"a b"}""", 422, "customer_id")]
    [InlineData("/wallets", """{"customer_id":7}""", 422, "customer_id")]
    [InlineData("/wallets", """{"customer_id":"x","currency":"XXX"}""", 422, "currency")]
    [InlineData("/wallets/CUSTOMER/credit", """{"amount":0}""", 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit", """{"amount":-5}""", 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit", """{"amount":0.001}""", 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit", """{"amount":true}""", 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit", "{}", 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit", null, 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit?amount=1&amount=2", null, 422, "amount")]
    [InlineData("/wallets/CUSTOMER/credit?amount=%00", null, 422, "amount")]
    public async Task What_is_not_acceptable_is_named_and_changes_nothing(string path, string? body, int status, string field)
    {
        var customer = await service.AddCustomerAsync(1);
        var problem = (await service.PostAsync(path.Replace("CUSTOMER", customer, StringComparison.Ordinal), body)).IsProblem(status, "validation_failed");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), $"{problem}");
        Assert.Equal("1", await service.WalletAsync(customer));
    }

    [Fact]
    public async Task A_credit_to_a_wallet_that_is_not_there_is_a_404()
    {
        (await service.PostAsync("/wallets/nobody/credit", """{"amount":1}""")).IsProblem(404, "not_found");
        (await service.PostAsync("/wallets/a%20b/credit", """{"amount":1}""")).IsProblem(404, "not_found");
    }
}
