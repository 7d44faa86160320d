using System.Net;
using System.Net.Sockets;
using Stripe;
using Support;

namespace Sandbox.Tests;

/// <summary>Each thing that Stripe can be told to do, by its name, and what Stripe.net makes of it.</summary>
public sealed class StripeBehaviourTests(StripeService stripe) : IClassFixture<StripeService>, IAsyncLifetime
{
    private const string Currency = "eur";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await stripe.BehaveAsync("normal");

    [Fact]
    public async Task Slow_answers_after_the_delay()
    {
        await stripe.BehaveAsync("slow");
        var charge = stripe.ChargeAsync();

        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(1));
        Assert.False(charge.IsCompleted);
        stripe.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var found = stripe.GetAsync((await charge).Id);
        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("succeeded", (await found).Status);
    }

    [Fact]
    public async Task Slow_does_it_also_when_nobody_waits_for_the_answer()
    {
        await stripe.BehaveAsync("slow");
        var key = stripe.NewKey();
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var charge = stripe.ChargeAsync(key: key, cancellationToken: hangUp.Token);
        await stripe.Clock.WaitForTimersAsync(1, Stop);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => charge);

        stripe.Clock.Advance(TimeSpan.FromSeconds(3));
        await stripe.BehaveAsync("normal");
        var (response, _) = await Eventually.GetAsync(
            _ => stripe.SendAsync(HttpMethod.Post, "/v1/payment_intents", "amount=1&currency=usd", key),
            answer => answer.Response.StatusCode == HttpStatusCode.BadRequest, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode); // The key has its answer: 409 until then.
        Assert.Equal("succeeded", (await stripe.ChargeAsync(key: key)).Status);
    }

    [Fact]
    public async Task Commit_then_hang_does_it_and_the_same_key_again_is_answered()
    {
        await stripe.BehaveAsync("commit_then_hang");
        var (key, before) = (stripe.NewKey(), await IntentsAsync());
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var charge = stripe.ChargeAsync(Charge(), key, hangUp.Token);
        await Eventually.TrueAsync(async _ => await IntentsAsync() == before + 1, Stop);
        Assert.False(charge.IsCompleted);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => charge);

        Assert.Equal("succeeded", (await stripe.ChargeAsync(Charge(), key)).Status);
        Assert.Equal(before + 1, await IntentsAsync());
    }

    [Fact]
    public async Task Commit_then_500_does_it_and_the_same_key_again_gets_the_true_answer()
    {
        await stripe.BehaveAsync("commit_then_500");
        var (key, before) = (stripe.NewKey(), await IntentsAsync());

        var refusal = await stripe.RefusalAsync(Charge(), key);
        Assert.Equal((HttpStatusCode.InternalServerError, "api_error"), (refusal.HttpStatusCode, refusal.StripeError.Type));
        Assert.Equal(before + 1, await IntentsAsync());
        Assert.Equal("succeeded", (await stripe.ChargeAsync(Charge(), key)).Status);
        Assert.Equal(before + 1, await IntentsAsync());

        var declined = Charge("pm_card_chargeDeclined");
        Assert.Equal(500, (int)(await stripe.RefusalAsync(declined, "declined")).HttpStatusCode);
        Assert.Equal("card_declined", (await stripe.RefusalAsync(declined, "declined")).StripeError.Code);
    }

    [Fact]
    public async Task Commit_then_500_replayed_does_it_and_answers_500_for_ever()
    {
        await stripe.BehaveAsync("commit_then_500_replayed");
        var (key, before) = (stripe.NewKey(), await IntentsAsync());
        Assert.Equal(500, (int)(await stripe.RefusalAsync(Charge(), key)).HttpStatusCode);

        await stripe.BehaveAsync("normal");
        Assert.Equal(500, (int)(await stripe.RefusalAsync(Charge(), key)).HttpStatusCode);
        Assert.Equal(before + 1, await IntentsAsync());
        Assert.Equal("succeeded", (await stripe.V1.PaymentIntents.ListAsync(new() { Limit = 1 }, cancellationToken: Stop)).Single().Status);
    }

    [Fact]
    public async Task Commit_then_reset_does_it_and_breaks_the_connection()
    {
        await stripe.BehaveAsync("commit_then_reset");
        var (key, before) = (stripe.NewKey(), await IntentsAsync());

        var broken = await Assert.ThrowsAsync<HttpRequestException>(() => stripe.ChargeAsync(Charge(), key));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(broken.GetBaseException()).SocketErrorCode);
        Assert.Equal(before + 1, await IntentsAsync());
        Assert.Equal("succeeded", (await stripe.ChargeAsync(Charge(), key)).Status);
        Assert.Equal(before + 1, await IntentsAsync());
    }

    [Fact]
    public async Task Rate_limited_does_nothing_and_says_when_to_come_back()
    {
        await stripe.BehaveAsync("rate_limited");
        var before = await IntentsAsync();

        var refusal = await stripe.RefusalAsync(Charge());
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limit"), (refusal.HttpStatusCode, refusal.StripeError.Code));
        Assert.Equal(TimeSpan.FromSeconds(1), refusal.StripeResponse.Headers.RetryAfter!.Delta);
        Assert.Equal(429, (int)(await stripe.SendAsync(HttpMethod.Get, "/v1/payment_intents")).Response.StatusCode);
        Assert.Equal(before, await IntentsAsync());
    }

    [Fact]
    public async Task Bad_gateway_does_nothing_and_answers_a_page()
    {
        await stripe.BehaveAsync("bad_gateway");
        var before = await IntentsAsync();

        var refusal = await stripe.RefusalAsync(Charge());
        Assert.Equal(HttpStatusCode.BadGateway, refusal.HttpStatusCode);
        Assert.Null(refusal.StripeError?.Type);
        Assert.Contains("<html>", refusal.StripeResponse.Content, StringComparison.Ordinal);
        Assert.Equal(before, await IntentsAsync());
    }

    [Fact]
    public async Task Down_does_nothing_and_answers_503_to_everything()
    {
        var intent = await stripe.ChargeAsync();
        await stripe.BehaveAsync("down");
        var before = await IntentsAsync();

        Assert.Equal(503, (int)(await stripe.RefusalAsync(Charge())).HttpStatusCode);
        Assert.Equal(503, (int)(await Assert.ThrowsAsync<StripeException>(() => stripe.GetAsync(intent.Id))).HttpStatusCode);
        Assert.Equal(503, (int)(await Assert.ThrowsAsync<StripeException>(() => stripe.RefundAsync(intent.Id))).HttpStatusCode);
        Assert.Equal(before, await IntentsAsync());
    }

    [Theory]
    [InlineData("pm_card_visa", "succeeded", "payment_intent.succeeded")]
    [InlineData("pm_card_chargeDeclined", "requires_payment_method", "payment_intent.payment_failed")]
    public async Task Late_success_answers_processing_and_tells_the_result_by_webhook(string card, string status, string type)
    {
        await stripe.BehaveAsync("late_success");
        var key = stripe.NewKey();

        var intent = await stripe.ChargeAsync(Charge(card), key);
        Assert.Equal(("processing", 0), (intent.Status, intent.AmountReceived));
        Assert.Equal("processing", (await stripe.GetAsync(intent.Id)).Status);
        await Assert.ThrowsAsync<StripeException>(() => stripe.V1.PaymentIntents.CancelAsync(intent.Id, cancellationToken: Stop));
        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("processing", (await stripe.GetAsync(intent.Id)).Status);
        stripe.Clock.Advance(TimeSpan.FromMilliseconds(1));

        var told = await stripe.Receiver.NextAsync();
        Assert.Equal((type, intent.Id, status), (told.Text("type"), told.Data("id"), told.Data("status")));
        Assert.Equal(status, (await stripe.GetAsync(intent.Id)).Status);
        Assert.Equal("processing", (await stripe.ChargeAsync(Charge(card), key)).Status);
    }

    [Fact]
    public async Task Late_success_answers_a_pending_refund_and_tells_its_success_by_webhook()
    {
        var intent = await stripe.ChargeAsync();
        await stripe.BehaveAsync("late_success");

        var refund = await stripe.RefundAsync(intent.Id);
        Assert.Equal("pending", refund.Status);
        await stripe.AdvanceAsync(TimeSpan.FromSeconds(3));
        var told = await stripe.Receiver.NextAsync();
        Assert.Equal(("refund.updated", refund.Id, "succeeded"), (told.Text("type"), told.Data("id"), told.Data("status")));
        Assert.Equal("succeeded", (await stripe.V1.Refunds.GetAsync(refund.Id, cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task A_share_of_the_requests_is_hit()
    {
        await stripe.PutBehaviourAsync("""{"behaviour":"down","share":0.5}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => stripe.SendAsync(HttpMethod.Get, "/v1/refunds")));

        Assert.InRange(answers.Count(answer => answer.Response.StatusCode == HttpStatusCode.ServiceUnavailable), 60, 140);
        await stripe.PutBehaviourAsync("""{"share":0}""");
        Assert.Equal("succeeded", (await stripe.ChargeAsync()).Status);
    }

    [Fact]
    public async Task It_is_changed_while_it_runs_member_by_member()
    {
        Assert.Equal("""{"behaviour":"normal","delay":"00:00:03","share":1,"webhooks":"late"}""", await NowAsync());
        await stripe.PutBehaviourAsync("""{"delay":"00:00:07"}""");
        await stripe.PutBehaviourAsync("""{"behaviour":"slow","share":0.25,"webhooks":"late"}""");
        Assert.Equal("""{"behaviour":"slow","delay":"00:00:07","share":0.25,"webhooks":"late"}""", await NowAsync());
    }

    [Theory]
    [InlineData("""{"behaviour":"generous"}""", 422, "behaviour"), InlineData("""{"share":1.5}""", 422, "share"), InlineData("""{"share":-1}""", 422, "share")]
    [InlineData("""{"delay":"-00:00:01"}""", 422, "delay"), InlineData("""{"delay":"02:00:00"}""", 422, "delay")]
    [InlineData("""{"webhooks":"none"}""", 422, "webhooks")]
    [InlineData("""{"delays":"00:00:01"}""", 400, "delays"), InlineData("""{"delay":3}""", 400, "delay"), InlineData("[]", 400, "")]
    [InlineData("null", 400, "")]
    public async Task What_cannot_be_meant_changes_nothing_and_is_named(string json, int status, string named)
    {
        var before = await NowAsync();
        var (answered, problem) = await stripe.PutBehaviourAsync(json);

        Assert.Equal(status, answered);
        Assert.Contains(named, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await NowAsync());
    }

    private static PaymentIntentCreateOptions Charge(string card = "pm_card_visa") => StripeService.Charge(card, currency: Currency);

    private Task<string> NowAsync() => stripe.Http.GetStringAsync(new Uri("/stripe/behaviour", UriKind.Relative), Stop);

    private async Task<int> IntentsAsync() => (await stripe.BooksAsync()).GetProperty("currencies").TryGetProperty(Currency, out var eur)
        ? eur.GetProperty("intents").GetInt32()
        : 0;
}
