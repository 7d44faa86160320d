using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Contracts.Tests;

public class CurrencyTests
{
    /// <summary>Every active code whose amounts do not have two decimals, by ISO 4217 list one: written down again here on purpose.</summary>
    private static readonly Dictionary<string, int> NotTwo = new (string Codes, int Decimals)[]
        {
            ("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0),
            ("BHD IQD JOD KWD LYD OMR TND", 3),
            ("CLF UYW", 4),
        }
        .SelectMany(group => group.Codes.Split(' ').Select(code => (code, group.Decimals))).ToDictionary();

    /// <summary>Any currency, with any amount that numeric(19,4) can hold.</summary>
    private static readonly Arbitrary<(Currency Currency, decimal Amount)> AnyMoney = Arb.From(
        from currency in Gen.Elements(Currency.All.OrderBy(c => c.Code).ToArray())
        from units in ArbMap.Default.GeneratorFor<long>()
        from scale in Gen.Choose(0, 4)
        select (currency, Math.Round(units % 1_000_000_000_000_000L / (decimal)Math.Pow(10, scale), 4)));

    [Fact]
    public void Every_code_is_three_capital_letters_and_comes_once()
    {
        Assert.All(Currency.All, currency => Assert.Matches("^[A-Z]{3}$", currency.Code));
        Assert.Distinct(Currency.All.Select(currency => currency.Code));
    }

    [Fact]
    public void Every_code_has_the_decimals_of_ISO_4217() =>
        Assert.All(Currency.All, currency => Assert.Equal(NotTwo.GetValueOrDefault(currency.Code, 2), currency.Decimals));

    [Fact]
    public void Every_code_that_has_not_two_decimals_is_there() =>
        Assert.All(NotTwo.Keys, code => Assert.NotNull(Currency.Find(code)));

    [Theory]
    [InlineData("USD"), InlineData("EUR"), InlineData("INR"), InlineData("GBP"), InlineData("CNY"), InlineData("XCG"), InlineData("SLE"), InlineData("ZWG")]
    public void A_code_in_use_is_found(string code) => Assert.Equal(new Currency(code, 2), Currency.Find(code));

    [Theory]
    [InlineData("HRK"), InlineData("BGN"), InlineData("ZWL"), InlineData("XAU"), InlineData("XXX"), InlineData("XTS"), InlineData("ABC")]
    [InlineData(""), InlineData("US"), InlineData("USDX"), InlineData(" USD"), InlineData("USD\0"), InlineData("U\u017fD")]
    public void What_is_no_active_code_is_not_found(string code) => Assert.Null(Currency.Find(code));

    [Fact]
    public void A_code_is_found_in_any_case() =>
        Prop.ForAll(AnyMoney, Arb.From(Gen.Choose(0, 7)), (money, capitals) =>
        {
            var typed = string.Concat(money.Currency.Code.Select((letter, i) => (capitals >> i & 1) == 1 ? letter : char.ToLowerInvariant(letter)));
            return Currency.Find(typed) == money.Currency;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("1500", "INR", "1500.00")]
    [InlineData("1500", "JPY", "1500")]
    [InlineData("1.5", "KWD", "1.500")]
    [InlineData("1500.00", "JPY", "1500")]
    [InlineData("150.50", "USD", "150.50")]
    [InlineData("0.01", "USD", "0.01")]
    [InlineData("1", "CLF", "1.0000")]
    [InlineData("999999999999999.9999", "UYW", "999999999999999.9999")]
    [InlineData("1500", "inr", "1500.00")]
    public void An_amount_is_shown_with_its_currencys_decimals(string amount, string currency, string shown) =>
        Assert.Equal(shown, Currency.Format(decimal.Parse(amount, CultureInfo.InvariantCulture), currency));

    [Fact]
    public void Showing_an_amount_never_changes_it() =>
        Prop.ForAll(AnyMoney, money =>
            decimal.Parse(Currency.Format(money.Amount, money.Currency.Code), CultureInfo.InvariantCulture) == money.Amount)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void An_amount_that_fits_its_currency_has_exactly_its_decimals() =>
        Prop.ForAll(AnyMoney, money =>
        {
            var shown = Currency.Format(Math.Round(money.Amount, money.Currency.Decimals), money.Currency.Code);
            return shown.Length - 1 - shown.IndexOf('.', StringComparison.Ordinal) == money.Currency.Decimals
                || (money.Currency.Decimals == 0 && !shown.Contains('.', StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();
}
