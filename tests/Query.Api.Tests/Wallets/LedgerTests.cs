using System.Text.Json;
using Query.Api.Tests.Lists;
using Query.Api.Wallets;

namespace Query.Api.Tests.Wallets;

public sealed class LedgerTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Customers _customers = new(databases.ConnectionString);

    [Theory]
    [InlineData("USD", "100.50", "40.25", "60.25", "0.00")]
    [InlineData("JPY", "100", "40", "60", "0")]
    [InlineData("KWD", "100.505", "40.25", "60.255", "0.000")]
    public async Task Every_line_has_what_moved_and_the_balance_before_and_after_it(string currency, string credit, string debit, string left, string none)
    {
        var customer = await _customers.AddWalletAsync(currency);
        var charge = Guid.NewGuid();
        await _customers.MoveAsync(customer, decimal.Parse(credit, System.Globalization.CultureInfo.InvariantCulture));
        await _customers.MoveAsync(
            customer, -decimal.Parse(debit, System.Globalization.CultureInfo.InvariantCulture), $"charge:{charge}", $"Payment for charge {charge}");

        var lines = (await _query.PageAsync($"/wallets/{customer.Id}/ledger")).Rows;

        Assert.Equal(2, lines.Count);
        var paid = currency == "KWD" ? $"{debit}0" : debit;
        Assert.Equal(
            $$"""
            {"id":{{Raw(lines[0], "id")}},"wallet_id":"{{customer.WalletId}}","transaction_type":"debit","amount":{{paid}},
            "description":"Payment for charge {{charge}}","reference_id":"{{charge}}","balance_before":{{credit}},"balance_after":{{left}},
            "created_at":{{Raw(lines[0], "created_at")}}}
            """.ReplaceLineEndings(""),
            lines[0].GetRawText());
        Assert.Equal(
            $$"""
            {"id":{{Raw(lines[1], "id")}},"wallet_id":"{{customer.WalletId}}","transaction_type":"credit","amount":{{credit}},
            "description":"Wallet credit","reference_id":null,"balance_before":{{none}},"balance_after":{{credit}},
            "created_at":{{Raw(lines[1], "created_at")}}}
            """.ReplaceLineEndings(""),
            lines[1].GetRawText());
    }

    [Fact]
    public async Task A_line_refers_to_its_charge_whatever_part_of_the_charge_or_of_its_refunds_it_is()
    {
        var customer = await _customers.AddWalletAsync();
        var charge = await _customers.AddChargeAsync(customer.Id);
        var refund = await _customers.AddRefundAsync(charge, 2);
        string[] references =
        [
            $"charge:{charge}", $"charge:{charge}:wallet", $"charge:{charge}:returned", $"refund:{refund}", $"refund:{refund}:wallet",
            $"refund:{Guid.NewGuid()}", "charge:x", "refund:------------------------------------", $"payment:{Guid.NewGuid()}", $"credit:{charge}",
        ];
        foreach (var reference in references) await _customers.MoveAsync(customer, 1, reference.Length < 12 ? $"{reference}{Guid.NewGuid():N}" : reference);

        var lines = (await _query.PageAsync($"/wallets/{customer.Id}/ledger")).Rows;

        Assert.Equal(
            [.. Enumerable.Repeat($"\"{charge}\"", 5), .. Enumerable.Repeat("null", 5)], Enumerable.Reverse(lines).Select(line => Raw(line, "reference_id")));
    }

    [Fact]
    public async Task A_transfer_without_a_description_shows_its_kind()
    {
        var customer = await _customers.AddWalletAsync();
        await _customers.MoveAsync(customer, 1, description: null);

        var line = Assert.Single((await _query.PageAsync($"/wallets/{customer.Id}/ledger")).Rows);

        Assert.Equal("wallet_credit", line.GetProperty("description").GetString());
    }

    [Fact]
    public async Task A_wallet_that_no_money_has_moved_in_has_an_empty_ledger()
    {
        var customer = Customers.NewId();
        await _customers.ExecuteAsync("INSERT INTO wallets (id, customer_id, currency) VALUES ($1, $2, 'USD')", Guid.CreateVersion7(), customer);

        Assert.Empty((await _query.PageAsync($"/wallets/{customer}/ledger")).Rows); // Without an account yet.
        Assert.Empty((await _query.PageAsync($"/wallets/{(await _customers.AddWalletAsync()).Id}/ledger")).Rows);
    }

    [Theory]
    [InlineData(1, 1, "00000000-0000-8001-8000-000000000001")]
    [InlineData(4096, 7, "00000000-0001-8000-8000-000000000007")]
    [InlineData((1L << 60) - 1, (1L << 62) - 1, "ffffffff-ffff-8fff-bfff-ffffffffffff")]
    public void The_id_of_a_line_is_made_of_its_transfer_and_account(long transfer, long account, string id)
    {
        Assert.Equal(Guid.Parse(id), LedgerLine.IdOf(transfer, account));
        Assert.Equal(8, LedgerLine.IdOf(transfer, account).Version);
    }

    private static string Raw(JsonElement row, string name) => row.GetProperty(name).GetRawText();
}
