using Data.Charges;
using Data.Installments;

namespace Data.Tests.Installments;

public sealed class DunningTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 5)]
    [InlineData(4, null)]
    public void A_soft_failure_is_tried_again_after_1_3_and_5_days_and_then_no_more(int attempts, int? days) => Assert.Equal(
        days is { } some ? TimeSpan.FromDays(some) : null, Dunning.NextAfter(attempts, Dunning.DefaultDays, "card_declined"));

    [Fact]
    public void An_order_without_dunning_days_is_tried_once() => Assert.Null(Dunning.NextAfter(1, [], "card_declined"));

    [Theory]
    [InlineData("stolen_card")]
    [InlineData("lost_card")]
    [InlineData("pickup_card")]
    [InlineData("incorrect_number")]
    [InlineData("invalid_account")]
    [InlineData("authentication_required")]
    [InlineData("revocation_of_authorization")]
    [InlineData("revocation_of_all_authorizations")]
    [InlineData("transaction_not_allowed")]
    [InlineData("highest_risk_level")]
    [InlineData("fraudulent")]
    [InlineData(ChargeFailure.AmountNotChargeable)]
    [InlineData(ChargeFailure.BalanceLimit)] // Stripe has the money: another charge would take it twice.
    public void A_hard_decline_is_not_tried_again(string code) => Assert.Null(Dunning.NextAfter(1, Dunning.DefaultDays, code));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("card_declined")]
    [InlineData("insufficient_funds")]
    [InlineData("expired_card")]
    [InlineData("processing_error")]
    [InlineData("a_code_of_next_year")]
    [InlineData(ChargeFailure.ProcessorUnavailable)]
    public void Every_other_failure_is_soft(string? code) => Assert.Equal(TimeSpan.FromDays(1), Dunning.NextAfter(1, Dunning.DefaultDays, code));
}
