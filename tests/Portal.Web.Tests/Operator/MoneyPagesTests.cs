using System.Globalization;
using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Web.Api;
using Portal.Web.Operator.Charges;
using Portal.Web.Operator.Ledger;
using Portal.Web.Operator.Wallets;
using Portal.Web.Ui;
using Support;

namespace Portal.Web.Tests.Operator;

public sealed class MoneyPagesTests : IDisposable
{
    private const string Evil = "<img src=x onerror=alert(1)>";

    private readonly BunitContext _page = new();

    public MoneyPagesTests() => _page.Services.AddSingleton<TimeProvider>(new FakeClock());

    public void Dispose() => _page.Dispose();

    [Theory]
    [InlineData("100.00", "100.00 USD")]
    [InlineData("2000", "2000 USD")]
    [InlineData("1.500", "1.500 USD")]
    [InlineData("123456789012345.6789", "123456789012345.6789 USD")]
    public void Amounts_are_shown_with_the_decimals_that_the_API_gave_them_in_any_language(string sent, string shown)
    {
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };

        var wallet = JsonSerializer.Deserialize(
            $$"""{"id":"w","customer_id":"c","balance":{{sent}},"currency":"USD","is_active":true,"created_at":"2026-01-15T10:30:00Z"}""",
            WalletJson.Default.Wallet)!;

        Assert.Equal(shown, Money.Of(wallet.Balance, wallet.Currency));
    }

    [Fact]
    public void A_split_that_is_an_array_is_a_table_of_its_parts_as_they_were_sent()
    {
        var table = _page.Render<SplitTable>(split => split
            .Add(s => s.Currency, "USD")
            .Add(s => s.Instructions, Json("""[{"destination":"acct_1","percent":33.30},{"destination":"acct_2","amount":"10.00"}]""")));

        Assert.Equal(["acct_1", "33.30 %", "acct_2", "10.00 USD"], table.FindAll("td").Select(cell => cell.TextContent.Trim()));
    }

    [Fact]
    public void A_split_that_is_an_object_is_shown_as_the_JSON_that_it_is()
    {
        var split = _page.Render<SplitTable>(s => s.Add(t => t.Currency, "USD").Add(t => t.Instructions, Json("""{"seller":{"share":"é"}}""")));

        Assert.Empty(split.FindAll("table"));
        Assert.Equal("{\n  \"seller\": {\n    \"share\": \"é\"\n  }\n}", split.Find("pre").TextContent.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void What_others_wrote_into_a_charge_is_text_on_its_page()
    {
        var charge = Charge($$"""{"note":"{{Evil}}","{{Evil}}":[]}""", $$"""[{"destination":"{{Evil}}","percent":"{{Evil}}"}]""", failure: Evil);

        var facts = _page.Render<ChargeFacts>(page => page.Add(p => p.Charge, charge));

        Assert.Empty(facts.FindAll("img"));
        Assert.Contains(Evil, facts.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.Contains(Evil, facts.Find("td").TextContent, StringComparison.Ordinal);
        Assert.Contains(Evil, facts.Find(".timeline .failed").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_wrote_into_a_statement_and_a_refund_is_text()
    {
        var ledger = _page.Render<LedgerTable>(page => page.Add(p => p.Lines, [Line("1", Evil, 0, 5, 10)]));
        var refunds = _page.Render<RefundTable>(page => page.Add(p => p.Currency, "USD").Add(
            p => p.Refunds, [new Refund("r", 1m, 1m, 0m, "failed", Evil, Evil, DateTimeOffset.UnixEpoch)]));

        Assert.Empty(ledger.FindAll("img"));
        Assert.Empty(refunds.FindAll("img"));
        Assert.Contains(ledger.FindAll("td"), cell => Words(cell.TextContent) == Evil);
        Assert.Contains(refunds.FindAll("td"), cell => Words(cell.TextContent) == Evil);
    }

    [Fact]
    public void A_ledger_without_differences_is_said_to_balance_and_others_are_named()
    {
        var well = _page.Render<LedgerResult>(page => page.Add(p => p.Report, new(DateTimeOffset.UnixEpoch, 1204, 1, 0, [])));
        var ill = _page.Render<LedgerResult>(page => page.Add(
            p => p.Report, new(DateTimeOffset.UnixEpoch, 1, 1, 101, [new(17, "wallet:ada", "wallet", "USD", "70.00", "71.00", "It differs.")])));

        Assert.StartsWith(
            "The books balance. 1,204 accounts and 1 transfer were recomputed.", Words(well.Find("[role=status]").TextContent), StringComparison.Ordinal);
        Assert.Contains("101 differences.", ill.Markup, StringComparison.Ordinal);
        Assert.Equal(["It differs.", "wallet:ada", "70.00 USD", "71.00 USD"], ill.FindAll("td").Select(cell => Words(cell.TextContent)));
        Assert.Contains("--check-ledger", ill.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_has_the_lines_of_its_days_oldest_first_and_the_balances_around_them()
    {
        LedgerLine[] newestFirst = [Line("d", "d", 7, 9, day: 4), Line("c", "c", 5, 7, day: 3), Line("b", "b", 2, 5, day: 2), Line("a", "a", 0, 2, day: 1)];

        var statement = Statement.Of(newestFirst, WalletTime.Parse("2026-01-02"), WalletTime.Parse("2026-01-04"), isWhole: true);

        Assert.Equal(["b", "c"], statement.Lines.Select(line => line.Id));
        Assert.Equal((2m, 7m), (statement.Before, statement.After));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(503, true)]
    [InlineData(409, true)]
    [InlineData(422, false)]
    [InlineData(null, false)]
    public void A_forms_key_stays_while_the_outcome_is_unknown_and_is_new_after_it(int? status, bool stays)
    {
        var sent = FormKey.New();

        var next = FormKey.After(sent, status is { } code ? new ApiProblem(code, "any", "Any.", null) : null);

        Assert.Equal(stays, next == sent);
        Assert.Equal(next, FormKey.Of(next));
    }

    [Fact]
    public void A_forms_key_that_was_not_made_here_is_not_sent_on() => Assert.NotEqual("a\r\nX-API-Key: b", FormKey.Of("a\r\nX-API-Key: b"));

    private static LedgerLine Line(string id, string description, decimal before, decimal after, int day) =>
        new(id, "credit", after - before, description, null, before, after, new DateTimeOffset(2026, 1, day, 12, 0, 0, TimeSpan.Zero));

    private static Charge Charge(string metadata, string split, string failure) => new(
        "c1", "ada", 130.00m, "USD", "failed", "mixed", 100.00m, 30.00m, "pi_1", 0.00m, "card_declined", failure, Json(split), Json(metadata), null, null,
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
