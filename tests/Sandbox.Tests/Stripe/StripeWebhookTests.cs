using Stripe;

namespace Sandbox.Tests;

/// <summary>What Stripe tells by itself.</summary>
public sealed class StripeWebhookTests(StripeService stripe) : IClassFixture<StripeService>, IAsyncLifetime
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await stripe.PutBehaviourAsync("""{"behaviour":"normal","webhooks":"all"}""");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Stripe_net_takes_the_event_and_its_signature()
    {
        var intent = await stripe.ChargeAsync();
        var told = await stripe.Receiver.NextAsync();

        var opened = Open(told);
        Assert.Equal(("/webhooks/stripe", "application/json; charset=utf-8"), (told.Path, told.ContentType));
        Assert.Equal(
            ("event", "payment_intent.succeeded", false, StripeConfiguration.ApiVersion),
            (opened.Object, opened.Type, opened.Livemode, opened.ApiVersion));
        Assert.Matches("^evt_[0-9A-Za-z]{24}$", opened.Id);
        Assert.Equal(stripe.Clock.GetUtcNow().UtcDateTime, opened.Created);
        var data = Assert.IsType<PaymentIntent>(opened.Data.Object);
        Assert.Equal((intent.Id, "succeeded", 1050), (data.Id, data.Status, data.AmountReceived));
        Assert.Equal(("5", "Charge é"), (data.Metadata["charge_id"], data.Description));
        Assert.Contains("Charge é", told.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_secret_another_body_or_an_old_time_is_not_taken()
    {
        await stripe.ChargeAsync();
        var told = await stripe.Receiver.NextAsync();
        var now = stripe.Clock.GetUtcNow().ToUnixTimeSeconds();

        Assert.Throws<StripeException>(() => EventUtility.ConstructEvent(told.Raw, told.StripeSignature, "another", 300, now));
        Assert.Throws<StripeException>(() => EventUtility.ConstructEvent(told.Raw + " ", told.StripeSignature, StripeService.Secret, 300, now));
        Assert.Throws<StripeException>(() => EventUtility.ConstructEvent(told.Raw, told.StripeSignature, StripeService.Secret, 300, now + 301));
    }

    [Fact]
    public async Task Every_result_is_told()
    {
        var declined = (await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclinedStolenCard"))).StripeError.PaymentIntent.Id;
        var failed = Open(await stripe.Receiver.NextAsync());
        await stripe.V1.PaymentIntents.CancelAsync(declined, cancellationToken: Stop);
        var canceled = Open(await stripe.Receiver.NextAsync());
        var intent = await stripe.ChargeAsync();
        await stripe.Receiver.NextAsync();
        var refund = await stripe.RefundAsync(intent.Id, 50);
        var refunded = Open(await stripe.Receiver.NextAsync());

        var data = Assert.IsType<PaymentIntent>(failed.Data.Object);
        Assert.Equal(("payment_intent.payment_failed", declined, "stolen_card"), (failed.Type, data.Id, data.LastPaymentError.DeclineCode));
        Assert.Equal(("payment_intent.canceled", "canceled"), (canceled.Type, Assert.IsType<PaymentIntent>(canceled.Data.Object).Status));
        var back = Assert.IsType<Refund>(refunded.Data.Object);
        Assert.Equal(("refund.updated", refund.Id, "succeeded", 50), (refunded.Type, back.Id, back.Status, back.Amount));
    }

    [Fact]
    public async Task What_has_no_result_yet_is_not_told_and_neither_is_what_an_answer_told_when_only_late_results_are()
    {
        await stripe.V1.PaymentIntents.CreateAsync(new() { Amount = 5, Currency = "usd" }, cancellationToken: Stop);
        await stripe.PutBehaviourAsync("""{"webhooks":"late"}""");
        await stripe.ChargeAsync();
        await stripe.BehaveAsync("late_success");
        var late = await stripe.ChargeAsync();
        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));

        Assert.Equal(late.Id, (await stripe.Receiver.NextAsync()).Data("id"));
        Assert.Equal(0, stripe.Receiver.Unseen);
    }

    [Fact]
    public async Task What_is_not_answered_is_sent_again_signed_anew_and_given_up_after_five()
    {
        stripe.Receiver.Answer(500, 404, 302, 503, 500);
        await stripe.ChargeAsync();
        var events = new List<Event>();
        foreach (var wait in (int[])[1, 2, 4, 8])
        {
            events.Add(Open(await stripe.Receiver.NextAsync()));
            await stripe.AdvanceAsync(TimeSpan.FromSeconds(wait));
        }

        events.Add(Open(await stripe.Receiver.NextAsync()));
        Assert.Single(events.Select(sent => sent.Id).Distinct());
        stripe.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, stripe.Receiver.Unseen);
    }

    // As of the moment: a signature that is older than a second is refused.
    private Event Open(Received told) =>
        EventUtility.ConstructEvent(told.Raw, told.StripeSignature, StripeService.Secret, tolerance: 0, stripe.Clock.GetUtcNow().ToUnixTimeSeconds());
}
