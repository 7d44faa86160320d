using Data.Payments;

namespace Query.Api.Tests.Payments;

public sealed class GetPaymentTests(Databases databases)
{
    private const string AdminKey = "an-admin-key-of-tests";

    private readonly QueryService _query = databases.Query;

    [Fact]
    public async Task A_payment_is_shown_whole_to_its_owner()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var id = await Payers.AddPaymentAsync(databases.ConnectionString, alice, description: "Rent", bankReference: "DEP-0A1B2C3D4E5F");

        using var response = await _query.AskAsync(alice.Key, $"/api/v1/deposits/{id}");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(
            $$"""
            {"id":{{id}},"user_id":{{alice.Id}},"type":"deposit","status":"success","amount":"250.00","currency":"USD",
            "bank_reference":"DEP-0A1B2C3D4E5F","error_message":null,"description":"Rent","created_at":"2026-01-15T10:30:00.125Z",
            "updated_at":"2026-01-15T10:30:00.125Z","processed_at":"2026-01-15T10:30:00.125Z"}
            """.ReplaceLineEndings(""),
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("JPY", 1500, "1500")]
    [InlineData("KWD", 1.5, "1.500")]
    [InlineData("USD", 1e14, "100000000000000.00")]
    public async Task Its_amount_has_its_currencys_decimals(string currency, double amount, string shown)
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString, currency);
        var id = await Payers.AddPaymentAsync(databases.ConnectionString, alice, amount: (decimal)amount, currency: currency);

        Assert.Equal(shown, (await _query.JsonAsync(alice.Key, $"/api/v1/deposits/{id}")).GetProperty("amount").GetString());
    }

    [Theory]
    [InlineData(PaymentStatus.Pending, null)]
    [InlineData(PaymentStatus.Processing, null)]
    [InlineData(PaymentStatus.Failed, "the bank refused")]
    public async Task A_reason_is_told_once_it_has_failed_for_good(string status, string? shown)
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var id = await Payers.AddPaymentAsync(databases.ConnectionString, alice, PaymentType.Withdrawal, status, errorMessage: "the bank refused");

        var payment = await _query.JsonAsync(alice.Key, $"/api/v1/withdrawals/{id}");

        Assert.Equal((status, shown), (payment.GetProperty("status").GetString(), payment.GetProperty("error_message").GetString()));
        Assert.Equal(status == PaymentStatus.Failed, payment.GetProperty("processed_at").GetString() is not null);
    }

    [Fact]
    public async Task Anothers_payment_and_one_of_the_other_type_are_as_if_they_were_not_there()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var bob = await Payers.AddUserAsync(databases.ConnectionString);
        var id = await Payers.AddPaymentAsync(databases.ConnectionString, alice);

        var anothers = await _query.JsonAsync(bob.Key, $"/api/v1/deposits/{id}", 404);
        var nobodys = await _query.JsonAsync(bob.Key, $"/api/v1/deposits/{long.MaxValue}", 404);
        Assert.Equal(
            nobodys.GetProperty("detail").GetString()!.Replace($"{long.MaxValue}", $"{id}", StringComparison.Ordinal),
            anothers.GetProperty("detail").GetString());
        await _query.JsonAsync(alice.Key, $"/api/v1/withdrawals/{id}", 404);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("abc")]
    [InlineData("99999999999999999999")]
    [InlineData("%D9%A1")]
    public async Task What_cannot_be_an_id_is_not_there(string id) =>
        await _query.JsonAsync((await Payers.AddUserAsync(databases.ConnectionString)).Key, $"/api/v1/deposits/{id}", 404);

    [Theory]
    [InlineData("/api/v1/deposits")]
    [InlineData("/api/v1/deposits/1")]
    [InlineData("/api/v1/withdrawals")]
    [InlineData("/api/v1/withdrawals/1")]
    [InlineData("/api/v1/users/1/balance")]
    [InlineData("/api/v1/users/1/transactions")]
    public async Task Nobody_sees_anything_without_a_credential(string path)
    {
        await _query.JsonAsync(null, path, 401);
        await _query.JsonAsync("ak_unknown", path, 401);
    }

    [Fact]
    public async Task Administrators_see_everybodys()
    {
        await using var query = new QueryService(databases.ConnectionString, ("Auth:AdminKeys:0", AdminKey));
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var admin = await Payers.AddUserAsync(databases.ConnectionString, isAdmin: true);
        var id = await Payers.AddPaymentAsync(databases.ConnectionString, alice);

        foreach (var key in (string[])[AdminKey, admin.Key])
        {
            Assert.Equal(alice.Id, (await query.JsonAsync(key, $"/api/v1/deposits/{id}")).GetProperty("user_id").GetInt64());
            var deposits = (await query.JsonAsync(key, "/api/v1/deposits?limit=100")).GetProperty("items");
            Assert.Contains(id, deposits.EnumerateArray().Select(item => item.GetProperty("id").GetInt64()));
            Assert.Equal(1, (await query.JsonAsync(key, $"/api/v1/users/{alice.Id}/transactions")).GetProperty("total").GetInt32());
            Assert.Equal("0.00", (await query.JsonAsync(key, $"/api/v1/users/{alice.Id}/balance")).GetProperty("balance").GetString());
            await query.JsonAsync(key, $"/api/v1/users/{long.MaxValue}/balance", 404);
        }
    }

    [Fact]
    public async Task HEAD_answers_as_GET_does_without_a_body()
    {
        var alice = await Payers.AddUserAsync(databases.ConnectionString);
        var id = await Payers.AddPaymentAsync(databases.ConnectionString, alice);

        string[] paths =
            [$"/api/v1/deposits/{id}", "/api/v1/deposits", $"/api/v1/users/{alice.Id}/balance", $"/api/v1/users/{alice.Id}/transactions"];
        foreach (var path in paths)
        {
            using var response = await _query.AskAsync(alice.Key, path, HttpMethod.Head);
            Assert.Equal(200, (int)response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }
}
