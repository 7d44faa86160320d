using Contracts;
using Data.Charges;
using FsCheck;
using FsCheck.Fluent;

namespace Data.Tests.Charges;

/// <summary>Any split of any amount in any currency, and any refunds of it: to the last unit.</summary>
public class ShareOutProperties
{
    private const int Cases = 2_000;

    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(Cases);

    // JPY has no decimals, USD two, KWD three, CLF four.
    private static readonly Gen<Currency> AnyCurrency = Gen.Elements("JPY", "USD", "KWD", "CLF").Select(code => Currency.Find(code)!);

    private static readonly Arbitrary<Split> AnySplit =
        (from currency in AnyCurrency
         from units in Gen.OneOf(Gen.Choose(1, 50), Gen.Choose(1, 1_000_000), Gen.Choose(1, int.MaxValue))
         from weights in Gen.Choose(1, 1_000_000).Select(weight => weight / 10_000m).NonEmptyListOf()
         select new Split(units / Power(currency), currency, [.. weights.Take(40)])).ToArbitrary();

    private static readonly Arbitrary<(Split Split, int[] Portions)> AnyRefunds =
        (from split in AnySplit.Generator
         from portions in Gen.Choose(1, 100).ListOf()
         select (split, portions.Take(12).ToArray())).ToArbitrary();

    [Fact]
    public void Shares_sum_to_the_amount_in_whole_units_and_none_is_off_by_more_than_the_remainder() => Check.One(
        Config, Prop.ForAll(AnySplit, split =>
        {
            var shares = ShareOut.ByWeights(split.Amount, split.Currency, split.Weights);
            Assert.Equal(split.Amount, shares.Sum());
            Assert.All(shares, share => Assert.True(share >= 0 && decimal.Round(share, split.Currency.Decimals) == share));
            foreach (var (share, weight) in shares.Zip(split.Weights))
                Assert.InRange(share - split.Amount * weight / split.Weights.Sum(), -Unit(split.Currency), Unit(split.Currency));
        }));

    [Fact]
    public void Whatever_is_refunded_in_whatever_parts_each_destination_gives_back_what_it_got_and_never_more() => Check.One(
        Config, Prop.ForAll(AnyRefunds, drawn =>
        {
            var (split, portions) = drawn;
            var shares = ShareOut.ByWeights(split.Amount, split.Currency, split.Weights);
            SplitPart[] parts = [.. shares.Select((share, n) => new SplitPart($"acct_{n}", share))];
            var returned = new List<SplitPart[]>();
            var left = split.Amount;
            foreach (var portion in portions)
            {
                var amount = decimal.Round(left * portion / 100, split.Currency.Decimals, MidpointRounding.ToZero);
                if (amount == 0) continue;
                Refund(amount);
            }

            if (left > 0) Refund(left);
            Assert.All(parts.Index(), part => Assert.Equal(part.Item.Amount, returned.Sum(refund => refund[part.Index].Amount)));

            void Refund(decimal amount)
            {
                var refund = ShareOut.OfRefund(amount, split.Currency, parts, returned);
                Assert.Equal(amount, refund.Sum(part => part.Amount));
                returned.Add(refund);
                left -= amount;
                Assert.All(parts.Index(), part => Assert.InRange(returned.Sum(one => one[part.Index].Amount), 0, part.Item.Amount));
            }
        }));

    [Theory]
    [InlineData("30.02", "USD", "1 1 1", "10.01 10.01 10.00")]
    [InlineData("100", "JPY", "1 1 1", "34 33 33")]
    [InlineData("0.005", "KWD", "50 50", "0.003 0.002")]
    [InlineData("0.01", "USD", "1 1 1", "0.01 0.00 0.00")]
    [InlineData("10.00", "USD", "33.3333 66.6667", "3.34 6.66")]
    [InlineData("5", "USD", "0 1 1", "0.00 2.50 2.50")]
    [InlineData("999999999999999.9999", "CLF", "50 50", "500000000000000.0000 499999999999999.9999")]
    public void Units_that_remain_go_one_each_to_the_first_parts(string amount, string currency, string weights, string shares)
    {
        var found = ShareOut.ByWeights(decimal.Parse(amount, null), Currency.Find(currency)!, [.. weights.Split(' ').Select(weight => decimal.Parse(weight,
            null))]);
        Assert.Equal(shares.Split(' ').Select(share => decimal.Parse(share, null)), found);
    }

    [Theory]
    [InlineData("19.99", "USD", 1999L)] // As doubles, 19.99 * 100 is 1998.9999999999998.
    [InlineData("1500", "JPY", 1500L)]
    [InlineData("1.500", "KWD", 1500L)]
    [InlineData("1.505", "KWD", null)] // Stripe wants the last of three decimals to be 0.
    [InlineData("5", "ISK", 500L)]
    [InlineData("5", "UGX", 500L)]
    [InlineData("5", "MGA", 5L)]
    [InlineData("5.5", "MGA", null)]
    [InlineData("1.0001", "CLF", null)]
    [InlineData("999999999999999.99", "USD", 99999999999999999L)]
    public void An_amount_is_sent_in_Stripes_units_or_not_at_all(string amount, string currency, long? units) =>
        Assert.Equal(units, StripeAmount.Of(decimal.Parse(amount, null), Currency.Find(currency)!));

    private static decimal Power(Currency currency) => (decimal)Math.Pow(10, currency.Decimals);

    private static decimal Unit(Currency currency) => 1 / Power(currency);

    private sealed record Split(decimal Amount, Currency Currency, decimal[] Weights);
}
