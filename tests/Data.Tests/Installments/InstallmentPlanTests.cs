using Contracts;
using Data.Charges;
using Data.Installments;
using FsCheck;
using FsCheck.Fluent;

namespace Data.Tests.Installments;

public sealed class InstallmentPlanTests
{
    private static readonly Gen<Currency> AnyCurrency =
        Gen.Elements(Currency.Find("JPY")!, Currency.Find("USD")!, Currency.Find("KWD")!, Currency.Find("CLF")!);

    private static readonly Gen<(decimal Amount, Currency Currency, int Count)> AnyOrder =
        from currency in AnyCurrency
        from count in Gen.Choose(1, InstallmentPlan.MaxCount)
        from units in Gen.OneOf(Gen.Choose(count, 3 * count), Gen.Choose(count, int.MaxValue))
        select (units / Power(currency), currency, count);

    private static readonly Gen<(SplitPart[] Parts, decimal[] Amounts, Currency Currency)> AnySplit =
        from order in AnyOrder
        from weights in Gen.Choose(1, 1_000).ArrayOf().Where(weights => weights.Length is >= 1 and <= 20)
        let shares = ShareOut.ByWeights(order.Amount, order.Currency, [.. weights.Select(weight => (decimal)weight)])
        let parts = shares.Select((share, n) => new SplitPart($"acct_{n}", share)).ToArray()
        select (parts, InstallmentPlan.Share(order.Amount, order.Currency, order.Count), order.Currency);

    [Theory]
    [InlineData("30.02", "USD", 3, "10.01 10.01 10.00")]
    [InlineData("100", "USD", 3, "33.34 33.33 33.33")]
    [InlineData("100", "JPY", 3, "34 33 33")]
    [InlineData("1", "KWD", 3, "0.334 0.333 0.333")]
    [InlineData("90", "USD", 1, "90.00")]
    public void Units_that_remain_go_one_each_to_the_first(string amount, string currency, int count, string shares) => Assert.Equal(
        shares,
        string.Join(' ', InstallmentPlan.Share(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), Currency.Find(currency)!, count)
            .Select(share => Currency.Format(share, currency))));

    [Fact]
    public void Shares_sum_to_the_amount_and_differ_by_one_unit_at_most_the_larger_first() => Prop.ForAll(Arb.From(AnyOrder), order =>
    {
        var shares = InstallmentPlan.Share(order.Amount, order.Currency, order.Count);
        return shares.Sum() == order.Amount && shares.SequenceEqual(shares.OrderDescending()) && shares[0] - shares[^1] <= 1 / Power(order.Currency)
            && shares[^1] > 0;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Parts_of_an_installment_sum_to_it_and_all_of_them_give_each_destination_exactly_what_is_its() => Prop.ForAll(Arb.From(AnySplit), order =>
    {
        var parts = order.Amounts.Select((_, n) => InstallmentPlan.PartsOf(order.Parts, order.Currency, order.Amounts, n + 1)).ToArray();
        return parts.Zip(order.Amounts).All(one => one.First.Sum(part => part.Amount) == one.Second && one.First.All(part => part.Amount >= 0))
            && order.Parts.Select((part, n) => parts.Sum(installment => installment[n].Amount) == part.Amount).All(isExact => isExact);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Parts_of_an_installment_are_in_proportion()
    {
        SplitPart[] order = [new("acct_a", 60), new("acct_b", 40)];
        Assert.Equal(
            [new("acct_a", 20.01m), new("acct_b", 13.33m)],
            InstallmentPlan.PartsOf(order, Currency.Find("USD")!, [33.34m, 33.33m, 33.33m], number: 1));
    }

    private static decimal Power(Currency currency) => (decimal)Math.Pow(10, currency.Decimals);
}
