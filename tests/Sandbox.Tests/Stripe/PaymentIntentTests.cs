using System.Net;
using Stripe;

namespace Sandbox.Tests;

/// <summary>Payment intents, as Stripe.net sees them.</summary>
public sealed class PaymentIntentTests(StripeService stripe) : IClassFixture<StripeService>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_charge_is_taken_and_shown_as_Stripe_shows_it()
    {
        var intent = await stripe.ChargeAsync(StripeService.Charge(currency: "USD", customer: "cus_1"));

        Assert.Matches("^pi_[0-9A-Za-z]{24}$", intent.Id);
        Assert.Matches($"^{intent.Id}_secret_", intent.ClientSecret);
        Assert.Matches("^ch_", intent.LatestChargeId);
        Assert.Equal(("payment_intent", "succeeded", 1050, 1050, "usd"), (intent.Object, intent.Status, intent.Amount, intent.AmountReceived, intent.Currency));
        Assert.Equal(("cus_1", "pm_card_visa", "Charge é"), (intent.CustomerId, intent.PaymentMethodId, intent.Description));
        Assert.Equal([new("charge_id", "5")], intent.Metadata);
        Assert.Equal((false, "never"), (intent.Livemode, intent.AutomaticPaymentMethods.AllowRedirects));
        Assert.Equal(stripe.Clock.GetUtcNow().UtcDateTime, intent.Created);
        Assert.Null(intent.LastPaymentError);

        var found = await stripe.GetAsync(intent.Id);
        Assert.Equal(("succeeded", intent.ClientSecret), (found.Status, found.ClientSecret));
    }

    [Theory]
    [InlineData("pm_card_visa_debit"), InlineData("pm_card_mastercard"), InlineData("pm_card_amex"), InlineData("pm_card_discover"), InlineData("pm_card_jcb")]
    [InlineData("pm_card_diners"), InlineData("pm_card_unionpay"), InlineData("pm_card_mastercard_prepaid"), InlineData("pm_card_threeDSecureOptional")]
    public async Task Cards_of_every_brand_succeed(string card) => Assert.Equal("succeeded", (await stripe.ChargeAsync(StripeService.Charge(card))).Status);

    [Theory]
    [InlineData("pm_card_chargeDeclined", "card_declined", "generic_decline"), InlineData("pm_card_visa_chargeDeclined", "card_declined", "generic_decline")]
    [InlineData("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds")]
    [InlineData("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds")]
    [InlineData("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card")]
    [InlineData("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card")]
    [InlineData("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card")]
    [InlineData("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error")]
    [InlineData("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc")]
    [InlineData("pm_card_authenticationRequired", "authentication_required", "authentication_required")]
    [InlineData("pm_card_authenticationRequiredOnSetup", "authentication_required", "authentication_required")]
    [InlineData("pm_card_threeDSecure2Required", "authentication_required", "authentication_required")]
    public async Task A_declined_charge_is_402_and_stays_in_the_books(string card, string code, string declineCode)
    {
        var refusal = await stripe.RefusalAsync(StripeService.Charge(card));

        Assert.Equal(HttpStatusCode.PaymentRequired, refusal.HttpStatusCode);
        var error = refusal.StripeError;
        Assert.Equal(("card_error", code, declineCode), (error.Type, error.Code, error.DeclineCode));
        Assert.NotEmpty(error.Message);
        Assert.Equal(card, error.PaymentMethod.Id);

        var intent = await stripe.GetAsync(error.PaymentIntent.Id);
        Assert.All([intent, error.PaymentIntent], shown =>
        {
            Assert.Equal(("requires_payment_method", 1050, 0, "5"), (shown.Status, shown.Amount, shown.AmountReceived, shown.Metadata["charge_id"]));
            Assert.Equal((code, declineCode, error.Message), (shown.LastPaymentError.Code, shown.LastPaymentError.DeclineCode, shown.LastPaymentError.Message));
            Assert.Equal(("card_error", shown.LatestChargeId), (shown.LastPaymentError.Type, shown.LastPaymentError.Charge));
        });
    }

    [Fact]
    public async Task A_card_that_asks_for_its_owner_waits_for_them_on_session()
    {
        var charge = StripeService.Charge("pm_card_threeDSecure2Required");
        charge.OffSession = null;

        var intent = await stripe.ChargeAsync(charge);

        Assert.Equal(("requires_action", 0L), (intent.Status, intent.AmountReceived));
        Assert.Equal("use_stripe_sdk", intent.NextAction.Type);
    }

    [Fact]
    public async Task A_stored_customer_has_a_card() =>
        Assert.Equal("succeeded", (await stripe.ChargeAsync(StripeService.Charge(card: null, customer: "cus_stored"))).Status);

    [Theory]
    [InlineData("pm_card_nobody", null, "payment_method"), InlineData("pm_1234", null, "payment_method"), InlineData("card", null, "payment_method")]
    [InlineData("pm_card_visa", "somebody", "customer")]
    public async Task What_Stripe_does_not_have_is_400(string card, string? customer, string parameter)
    {
        var refusal = await stripe.RefusalAsync(StripeService.Charge(card, customer: customer));

        Assert.Equal(HttpStatusCode.BadRequest, refusal.HttpStatusCode);
        Assert.Equal(
            ("invalid_request_error", "resource_missing", parameter), (refusal.StripeError.Type, refusal.StripeError.Code, refusal.StripeError.Param));
    }

    [Fact]
    public async Task Nothing_is_confirmed_without_a_card()
    {
        var refusal = await stripe.RefusalAsync(StripeService.Charge(card: null));
        Assert.Equal(("payment_intent_unexpected_state", "payment_method"), (refusal.StripeError.Code, refusal.StripeError.Param));
    }

    [Fact]
    public async Task An_unknown_intent_is_404()
    {
        var refusal = await Assert.ThrowsAsync<StripeException>(() => stripe.GetAsync("pi_nobody"));
        Assert.Equal((HttpStatusCode.NotFound, "resource_missing"), (refusal.HttpStatusCode, refusal.StripeError.Code));
    }

    [Fact]
    public async Task Without_confirm_nothing_is_taken_and_it_can_be_canceled_once()
    {
        var intent = await stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 5, Currency = "jpy" }, cancellationToken: Stop);
        var withCard = await stripe.V1.PaymentIntents.CreateAsync(
            new() { Amount = 5, Currency = "jpy", PaymentMethod = "pm_card_visa" }, cancellationToken: Stop);
        Assert.Equal(("requires_payment_method", "requires_confirmation", 0), (intent.Status, withCard.Status, withCard.AmountReceived));

        var canceled = await stripe.V1.PaymentIntents.CancelAsync(intent.Id, new() { CancellationReason = "abandoned" }, cancellationToken: Stop);
        Assert.Equal(("canceled", "abandoned"), (canceled.Status, canceled.CancellationReason));
        Assert.Equal(stripe.Clock.GetUtcNow().UtcDateTime, canceled.CanceledAt);
        Assert.Equal("canceled", (await stripe.GetAsync(intent.Id)).Status);

        var again = await Assert.ThrowsAsync<StripeException>(() => stripe.V1.PaymentIntents.CancelAsync(intent.Id, cancellationToken: Stop));
        Assert.Equal((HttpStatusCode.BadRequest, "payment_intent_unexpected_state"), (again.HttpStatusCode, again.StripeError.Code));
        Assert.Equal("canceled", again.StripeError.PaymentIntent.Status);
    }

    [Fact]
    public async Task A_declined_charge_can_be_canceled_and_one_that_succeeded_cannot()
    {
        var declined = (await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclined"))).StripeError.PaymentIntent.Id;
        var succeeded = (await stripe.ChargeAsync()).Id;

        Assert.Equal("canceled", (await stripe.V1.PaymentIntents.CancelAsync(declined, cancellationToken: Stop)).Status);
        await Assert.ThrowsAsync<StripeException>(() => stripe.V1.PaymentIntents.CancelAsync(succeeded, cancellationToken: Stop));
        Assert.Equal("succeeded", (await stripe.GetAsync(succeeded)).Status);
    }

    [Fact]
    public async Task The_list_is_newest_first_and_its_pages_have_every_intent_once()
    {
        var customer = $"cus_{Guid.NewGuid():N}";
        var ids = new List<string>();
        for (var i = 0; i < 7; i++) ids.Insert(0, (await stripe.ChargeAsync(StripeService.Charge(customer: customer))).Id);
        await stripe.ChargeAsync(StripeService.Charge(customer: "cus_another"));

        var first = await stripe.V1.PaymentIntents.ListAsync(new() { Customer = customer, Limit = 3 }, cancellationToken: Stop);
        Assert.True(first.HasMore);
        Assert.Equal(ids[..3], first.Data.Select(intent => intent.Id));
        Assert.Equal(ids, await stripe.V1.PaymentIntents.ListAutoPagingAsync(new() { Customer = customer, Limit = 3 }, cancellationToken: Stop)
            .Select(intent => intent.Id).ToListAsync(Stop));
        Assert.False((await stripe.V1.PaymentIntents.ListAsync(new() { Customer = customer, Limit = 7 }, cancellationToken: Stop)).HasMore);
    }

    [Fact]
    public async Task The_list_goes_by_the_second_of_creation()
    {
        stripe.Clock.Advance(TimeSpan.FromMinutes(1));
        var at = stripe.Clock.GetUtcNow().UtcDateTime;
        var (before, then, after) = ((await stripe.ChargeAsync()).Id, await LaterAsync(), await LaterAsync());

        Assert.Equal([after, then, before], await ListedAsync(new() { GreaterThanOrEqual = at }));
        Assert.Equal([after, then], await ListedAsync(new() { GreaterThan = at }));
        Assert.Equal([then, before], await ListedAsync(new() { GreaterThanOrEqual = at, LessThan = at.AddSeconds(2) }));
        Assert.Equal([then], await ListedAsync(new() { GreaterThan = at, LessThanOrEqual = at.AddSeconds(1) }));
    }

    [Fact]
    public async Task The_charge_is_shown_to_who_asks_for_it()
    {
        var charge = StripeService.Charge();
        charge.Expand = ["latest_charge"];
        var intent = await stripe.ChargeAsync(charge);
        var shown = intent.LatestCharge;
        Assert.Equal((intent.LatestChargeId, "succeeded", 1050, true), (shown.Id, shown.Status, shown.Amount, shown.Paid));

        await stripe.RefundAsync(intent.Id, 50);
        var found = await stripe.V1.PaymentIntents.GetAsync(intent.Id, new() { Expand = ["latest_charge"] }, cancellationToken: Stop);
        Assert.Equal((50, false), (found.LatestCharge.AmountRefunded, found.LatestCharge.Refunded));
        var listed = await stripe.V1.PaymentIntents.ListAsync(new() { Limit = 1, Expand = ["data.latest_charge"] }, cancellationToken: Stop);
        Assert.Equal(50, listed.Data.Single().LatestCharge.AmountRefunded);
    }

    private async Task<string> LaterAsync()
    {
        stripe.Clock.Advance(TimeSpan.FromSeconds(1));
        return (await stripe.ChargeAsync()).Id;
    }

    private async Task<IEnumerable<string>> ListedAsync(DateRangeOptions created) =>
        (await stripe.V1.PaymentIntents.ListAsync(new() { Created = created, Limit = 100 }, cancellationToken: Stop)).Data.Select(intent => intent.Id);
}
