using System.Net;
using Stripe;

namespace Sandbox.Tests;

/// <summary>Refunds, as Stripe.net sees them.</summary>
public sealed class StripeRefundTests(StripeService stripe) : IClassFixture<StripeService>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refund_without_an_amount_gives_back_what_is_left()
    {
        var intent = await stripe.ChargeAsync();
        var part = await stripe.V1.Refunds.CreateAsync(
            new() { PaymentIntent = intent.Id, Amount = 50, Reason = "requested_by_customer", Metadata = new() { ["charge_id"] = "5" } },
            cancellationToken: Stop);
        var rest = await stripe.RefundAsync(intent.Id);

        Assert.Matches("^re_[0-9A-Za-z]{24}$", part.Id);
        Assert.Equal(("refund", "succeeded", 50, "usd", "requested_by_customer"), (part.Object, part.Status, part.Amount, part.Currency, part.Reason));
        Assert.Equal((intent.Id, intent.LatestChargeId, "5"), (part.PaymentIntentId, part.ChargeId, part.Metadata["charge_id"]));
        Assert.Equal((1000, "succeeded"), (rest.Amount, rest.Status));
        Assert.Equal((part.Id, 50), await FoundAsync(part.Id));
    }

    [Fact]
    public async Task More_than_is_left_is_refused()
    {
        var intent = await stripe.ChargeAsync();
        await stripe.RefundAsync(intent.Id, 1000);

        Assert.Equal("amount_too_large", await RefusalAsync(intent.Id, 51));
        await stripe.RefundAsync(intent.Id, 50);
        Assert.Equal("charge_already_refunded", await RefusalAsync(intent.Id, 1));
        Assert.Equal("charge_already_refunded", await RefusalAsync(intent.Id, null));
    }

    [Fact]
    public async Task Of_two_refunds_at_once_that_are_too_much_together_one_succeeds()
    {
        for (var round = 0; round < 20; round++)
        {
            var intent = await stripe.ChargeAsync();
            var refunds = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => SucceedsAsync(intent.Id, 600)));
            Assert.Single(refunds, succeeds => succeeds);
        }
    }

    [Fact]
    public async Task Nothing_is_given_back_of_what_was_not_taken()
    {
        var declined = (await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclined"))).StripeError.PaymentIntent.Id;
        Assert.Equal("payment_intent_unexpected_state", await RefusalAsync(declined, null));
        Assert.Equal("resource_missing", await RefusalAsync("pi_nobody", null));
    }

    [Fact]
    public async Task An_unknown_refund_is_404()
    {
        var refusal = await Assert.ThrowsAsync<StripeException>(() => stripe.V1.Refunds.GetAsync("re_nobody", cancellationToken: Stop));
        Assert.Equal((HttpStatusCode.NotFound, "resource_missing"), (refusal.HttpStatusCode, refusal.StripeError.Code));
    }

    [Fact]
    public async Task The_list_is_newest_first_and_of_one_intent_when_it_is_named()
    {
        var (intent, other) = ((await stripe.ChargeAsync()).Id, (await stripe.ChargeAsync()).Id);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Insert(0, (await stripe.RefundAsync(intent, 10)).Id);
        var last = (await stripe.RefundAsync(other)).Id;

        var page = await stripe.V1.Refunds.ListAsync(new() { PaymentIntent = intent, Limit = 2 }, cancellationToken: Stop);
        Assert.True(page.HasMore);
        Assert.Equal(ids, await stripe.V1.Refunds.ListAutoPagingAsync(new() { PaymentIntent = intent, Limit = 2 }, cancellationToken: Stop)
            .Select(refund => refund.Id).ToListAsync(Stop));
        Assert.Equal(last, (await stripe.V1.Refunds.ListAsync(new() { Limit = 1 }, cancellationToken: Stop)).Single().Id);
    }

    [Fact]
    public async Task A_refund_that_fails_later_can_be_made_again()
    {
        var intent = await stripe.ChargeAsync(StripeService.Charge("pm_card_refundFail"));
        var refund = await stripe.RefundAsync(intent.Id);
        Assert.Equal("succeeded", refund.Status);
        Assert.Equal("charge_already_refunded", await RefusalAsync(intent.Id, null));

        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));
        var told = await stripe.Receiver.NextAsync();

        Assert.Equal(("refund.updated", refund.Id, "failed"), (told.Text("type"), told.Data("id"), told.Data("status")));
        var failed = await stripe.V1.Refunds.GetAsync(refund.Id, cancellationToken: Stop);
        Assert.Equal(("failed", "expired_or_canceled_card"), (failed.Status, failed.FailureReason));
        Assert.Equal(1050, (await stripe.RefundAsync(intent.Id)).Amount);
        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));
        await stripe.Receiver.NextAsync();
    }

    [Fact]
    public async Task A_refund_that_is_pending_first_counts_already()
    {
        var intent = await stripe.ChargeAsync(StripeService.Charge("pm_card_pendingRefund"));
        var refund = await stripe.RefundAsync(intent.Id);
        Assert.Equal("pending", refund.Status);
        Assert.Equal("charge_already_refunded", await RefusalAsync(intent.Id, null));

        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("succeeded", (await stripe.Receiver.NextAsync()).Data("status"));
    }

    private async Task<(string, long)> FoundAsync(string id)
    {
        var refund = await stripe.V1.Refunds.GetAsync(id, cancellationToken: Stop);
        return (refund.Id, refund.Amount);
    }

    private async Task<string> RefusalAsync(string intent, long? amount)
    {
        var refusal = await Assert.ThrowsAsync<StripeException>(() => stripe.RefundAsync(intent, amount));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request_error"), (refusal.HttpStatusCode, refusal.StripeError.Type));
        return refusal.StripeError.Code;
    }

    private async Task<bool> SucceedsAsync(string intent, long amount)
    {
        try
        {
            await stripe.RefundAsync(intent, amount);
            return true;
        }
        catch (StripeException)
        {
            return false;
        }
    }
}
