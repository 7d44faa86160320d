using Contracts;
using Data.Charges;

namespace Data.Tests.Charges;

public class ChargePlanTests
{
    private static readonly NewCharge Charge = new(Guid.Empty, "cust_1", 130, Currency.Find("USD")!) { StripePaymentMethod = "pm_card_visa" };

    [Theory]
    [InlineData(100, "100 30 mixed")]
    [InlineData(130, "130 0 wallet")]
    [InlineData(500, "130 0 wallet")]
    [InlineData(0, "0 130 external")]
    public void The_wallet_pays_what_it_can_and_the_card_the_rest(int available, string plan) => Assert.Equal(plan, TextOf(ChargePlan.Of(Charge, available)));

    [Fact]
    public void A_charge_that_names_a_source_takes_the_money_from_there_alone()
    {
        Assert.Equal("0 130 external", TextOf(ChargePlan.Of(Charge with { OnlyFrom = ChargeSource.External }, 500)));
        Assert.Equal("130 0 wallet", TextOf(ChargePlan.Of(Charge with { OnlyFrom = ChargeSource.Wallet }, 130)));
        Assert.Equal(ChargeFailure.InsufficientFunds, ChargePlan.Of(Charge with { OnlyFrom = ChargeSource.Wallet }, 129.99m).FailureCode);
    }

    [Fact]
    public void Without_a_card_the_wallet_has_to_cover_all_of_it_and_nothing_is_taken_otherwise()
    {
        var plan = ChargePlan.Of(Charge with { StripePaymentMethod = null }, 129.99m);
        Assert.Equal(("0 0 ", ChargeFailure.InsufficientFunds), (TextOf(plan), plan.FailureCode));
        Assert.Contains("129.99 USD of the 130.00 USD", plan.FailureMessage, StringComparison.Ordinal);
        Assert.Null(ChargePlan.Of(Charge with { StripePaymentMethod = null, StripeCustomer = "cus_1" }, 0).FailureCode);
    }

    [Fact]
    public void What_Stripe_cannot_charge_to_the_unit_is_not_charged_at_all()
    {
        var charge = Charge with { Amount = 1.505m, Currency = Currency.Find("KWD")! };
        Assert.Equal(ChargeFailure.AmountNotChargeable, ChargePlan.Of(charge, 0).FailureCode);
        Assert.Equal("0.005 1.500 mixed", TextOf(ChargePlan.Of(charge, 0.005m)));
    }

    private static string TextOf(ChargePlan plan) => $"{plan.Wallet} {plan.External} {plan.Method}";
}
