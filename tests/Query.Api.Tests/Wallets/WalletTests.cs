using System.Globalization;
using System.Text.Json;
using Query.Api.Tests.Lists;

namespace Query.Api.Tests.Wallets;

public sealed class WalletTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Customers _customers = new(databases.ConnectionString);

    [Theory]
    [InlineData("USD", "100.50", "0.00")]
    [InlineData("JPY", "100", "0")]
    [InlineData("KWD", "100.505", "0.000")]
    public async Task A_wallet_shows_its_balance_with_its_currencys_decimals_and_when_it_changed(string currency, string balance, string empty)
    {
        var customer = await _customers.AddWalletAsync(currency);
        var before = await _query.GetJsonAsync($"/wallets/{customer.Id}");
        Assert.Equal(["id", "customer_id", "balance", "currency", "is_active", "created_at", "updated_at"], before.EnumerateObject().Select(m => m.Name));
        Assert.Equal((empty, JsonValueKind.Null), (Raw(before, "balance"), before.GetProperty("updated_at").ValueKind));

        await _customers.MoveAsync(customer, decimal.Parse(balance, CultureInfo.InvariantCulture));

        var wallet = await _query.GetJsonAsync($"/wallets/{customer.Id}");
        Assert.Equal((customer.WalletId, customer.Id), (wallet.GetProperty("id").GetGuid(), wallet.GetProperty("customer_id").GetString()));
        Assert.Equal((balance, $"\"{currency}\"", "true"), (Raw(wallet, "balance"), Raw(wallet, "currency"), Raw(wallet, "is_active")));
        Assert.True(wallet.GetProperty("updated_at").GetDateTime() > wallet.GetProperty("created_at").GetDateTime());
        Assert.Contains(wallet.GetRawText(), (await _query.WalkAsync("/wallets?limit=200")).Select(row => row.GetRawText()));
    }

    [Fact]
    public async Task At_a_time_the_balance_is_that_after_the_last_change_up_to_then()
    {
        var customer = await _customers.AddWalletAsync("KWD");
        var other = await _customers.AddWalletAsync("KWD");
        for (var i = 1; i <= 20; i++)
        {
            await _customers.MoveAsync(customer, i % 3 == 0 ? -1.005m : i);
            if (i % 4 == 0) await _customers.MoveAsync(other, 1);
        }

        var lines = await _query.WalkAsync($"/wallets/{customer.Id}/ledger?limit=7");
        Assert.Equal(20, lines.Count);
        foreach (var line in lines)
        {
            var time = line.GetProperty("created_at").GetDateTime();
            var then = await AtAsync(customer, time);
            Assert.Equal((Raw(line, "balance_after"), time), (Raw(then, "balance"), then.GetProperty("updated_at").GetDateTime()));
            Assert.Equal(Raw(line, "balance_before"), Raw(await AtAsync(customer, time.AddMicroseconds(-1)), "balance"));
        }

        var first = await AtAsync(customer, lines[^1].GetProperty("created_at").GetDateTime().AddYears(-1));
        Assert.Equal(("0.000", JsonValueKind.Null), (Raw(first, "balance"), first.GetProperty("updated_at").ValueKind));
        var now = await _query.GetJsonAsync($"/wallets/{customer.Id}");
        Assert.Equal(now.GetRawText(), (await AtAsync(customer, new DateTime(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc))).GetRawText());
        var empty = await _customers.AddWalletAsync();
        Assert.Equal("0.00", Raw(await AtAsync(empty, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)), "balance"));
    }

    [Fact]
    public async Task Of_changes_whose_times_are_not_in_their_order_one_that_was_made_by_then_is_the_last()
    {
        var customer = await _customers.AddWalletAsync();
        var begin = new DateTime(2026, 1, 15, 10, 30, 0, DateTimeKind.Utc);
        foreach (var (after, milliseconds) in ((int, int)[])[(1, 10), (2, 13), (3, 11), (4, 12), (5, 20)]) // The second one waited for no other.
        {
            await _customers.ExecuteAsync(
                """
                WITH made AS (INSERT INTO transfers (reference, kind, currency, created_at) VALUES ($1, 'wallet_credit', 'USD', $2) RETURNING id)
                INSERT INTO entries (transfer_id, account_id, amount, balance_after)
                SELECT id, account, amount, $5 FROM made, (VALUES ($3::bigint, 1), ($4, -1)) AS side (account, amount)
                """,
                $"credit:{Guid.NewGuid()}", begin.AddMilliseconds(milliseconds), customer.Account, customer.Bank, (decimal)after);
        }

        async Task<string> BalanceAsync(int milliseconds) => Raw(await AtAsync(customer, begin.AddMilliseconds(milliseconds)), "balance");
        Assert.Equal(("0.00", "1.00", "4.00", "5.00"), (await BalanceAsync(9), await BalanceAsync(10), await BalanceAsync(19), await BalanceAsync(20)));
        Assert.Contains(await BalanceAsync(11), (string[])["1.00", "3.00"]);
        Assert.Contains(await BalanceAsync(12), (string[])["1.00", "4.00"]);
    }

    [Theory]
    [InlineData("yesterday"), InlineData("2026-01-15"), InlineData("2026-02-30T00:00:00Z"), InlineData("1768473060"), InlineData("%00")]
    public async Task What_is_no_time_is_refused_with_an_example_of_one(string at)
    {
        var customer = await _customers.AddWalletAsync();

        var problem = await _query.GetProblemAsync($"/wallets/{customer.Id}?at={at}", 422);

        Assert.Contains("2024-01-15T10:30:00Z", problem.GetProperty("errors").GetProperty("at")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cust_unknown"), InlineData("a%20b"), InlineData("%ff%fe"), InlineData("a'--")]
    public async Task A_customer_without_a_wallet_is_404(string customer)
    {
        foreach (var path in (string[])["", "?at=2026-01-15T10:30:00Z", "/ledger", "/ledger?limit=1"])
            Assert.Equal("not_found", (await _query.GetProblemAsync($"/wallets/{customer}{path}", 404)).GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z"), InlineData("9999-12-31T23:59:59.999999999Z")]
    public async Task The_first_and_the_last_time_there_is_are_answered_too(string at) =>
        await _query.GetJsonAsync($"/wallets/{(await _customers.AddWalletAsync()).Id}?at={at}");

    private Task<JsonElement> AtAsync(Customer customer, DateTime time) =>
        _query.GetJsonAsync($"/wallets/{customer.Id}?at={time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)}");

    private static string Raw(JsonElement row, string name) => row.GetProperty(name).GetRawText();
}
