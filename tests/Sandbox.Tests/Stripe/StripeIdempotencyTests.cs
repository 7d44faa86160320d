using System.Net;

namespace Sandbox.Tests;

/// <summary>Idempotency-Key: the same request under the same key is one request.</summary>
public sealed class StripeIdempotencyTests(StripeService stripe) : IClassFixture<StripeService>, IAsyncLifetime
{
    private const string Create = "/v1/payment_intents", Form = "amount=1050&currency=usd&confirm=true&payment_method=pm_card_visa";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await stripe.BehaveAsync("normal");

    [Fact]
    public async Task The_same_again_gets_the_first_answer_and_is_done_once()
    {
        var key = stripe.NewKey();
        var before = await IntentsAsync();

        var (first, body) = await stripe.SendAsync(HttpMethod.Post, Create, Form, key);
        var (again, same) = await stripe.SendAsync(HttpMethod.Post, Create, Form, key);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        Assert.Equal(body.GetRawText(), same.GetRawText());
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(["true"], again.Headers.GetValues("Idempotent-Replayed"));
        Assert.Equal(first.Headers.GetValues("Request-Id"), again.Headers.GetValues("Original-Request"));
        Assert.Equal([key], again.Headers.GetValues("Idempotency-Key"));
        Assert.Equal(before + 1, await IntentsAsync());
    }

    [Fact]
    public async Task The_first_answer_comes_again_also_when_things_have_changed_since()
    {
        var key = stripe.NewKey();
        var (_, body) = await stripe.SendAsync(HttpMethod.Post, Create, "amount=5&currency=usd", key);
        await stripe.SendAsync(HttpMethod.Post, $"{Create}/{body.GetProperty("id")}/cancel");

        Assert.Equal(body.GetRawText(), (await stripe.SendAsync(HttpMethod.Post, Create, "amount=5&currency=usd", key)).Body.GetRawText());
    }

    [Fact]
    public async Task A_decline_comes_again()
    {
        var key = stripe.NewKey();
        var first = await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclined"), key);
        var again = await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclined"), key);

        Assert.Equal(first.StripeError.PaymentIntent.Id, again.StripeError.PaymentIntent.Id);
        Assert.Equal(HttpStatusCode.PaymentRequired, again.HttpStatusCode);
        Assert.NotEqual(
            first.StripeError.PaymentIntent.Id, (await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclined"))).StripeError.PaymentIntent.Id);
    }

    [Theory]
    [InlineData(Create, "amount=1051&currency=usd&confirm=true&payment_method=pm_card_visa"), InlineData(Create, "amount=1050&currency=usd")]
    [InlineData("/v1/refunds", Form), InlineData(Create, Form + "&metadata[a]=1"), InlineData(Create, Form + "&expand[]=latest_charge"), InlineData(Create, "")]
    public async Task Another_request_under_the_same_key_is_an_idempotency_error(string path, string form)
    {
        var key = stripe.NewKey();
        await stripe.SendAsync(HttpMethod.Post, Create, Form, key);

        var (response, body) = await stripe.SendAsync(HttpMethod.Post, path, form, key);

        Assert.Equal((HttpStatusCode.BadRequest, "idempotency_error"), (response.StatusCode, body.GetProperty("error").GetProperty("type").GetString()));
        Assert.False(response.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task The_order_of_parameters_and_how_they_are_encoded_do_not_matter()
    {
        var key = stripe.NewKey();
        var (_, body) = await stripe.SendAsync(HttpMethod.Post, Create, "amount=5&currency=usd&metadata[a]=x y&expand[]=latest_charge", key);
        var (response, same) = await stripe.SendAsync(HttpMethod.Post, Create, "expand%5B0%5D=latest_charge&metadata%5Ba%5D=x+y&currency=us%64&amount=5", key);

        Assert.Equal((HttpStatusCode.OK, body.GetRawText()), (response.StatusCode, same.GetRawText()));
    }

    [Fact]
    public async Task A_key_is_forgotten_after_24_hours()
    {
        var key = stripe.NewKey();
        var first = (await stripe.ChargeAsync(key: key)).Id;

        stripe.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, (await stripe.ChargeAsync(key: key)).Id);
        stripe.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, (await stripe.ChargeAsync(key: key)).Id);
    }

    [Fact]
    public async Task While_the_first_is_in_progress_the_second_is_409()
    {
        await stripe.BehaveAsync("slow");
        var key = stripe.NewKey();
        var first = stripe.ChargeAsync(key: key);
        await stripe.Clock.WaitForTimersAsync(1, TestContext.Current.CancellationToken);

        var refusal = await stripe.RefusalAsync(StripeService.Charge(), key);
        Assert.Equal((HttpStatusCode.Conflict, "idempotency_key_in_use"), (refusal.HttpStatusCode, refusal.StripeError.Code));

        stripe.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((await first).Id, (await stripe.ChargeAsync(key: key)).Id);
    }

    [Fact]
    public async Task Twenty_at_once_are_done_once()
    {
        var (key, before) = (stripe.NewKey(), await IntentsAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stripe.SendAsync(HttpMethod.Post, Create, Form, key)));

        Assert.All(answers, answer => Assert.True(answer.Response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict));
        var done = answers.Where(answer => answer.Response.StatusCode == HttpStatusCode.OK);
        Assert.Single(done.Select(answer => answer.Body.GetProperty("id").GetString()).Distinct());
        Assert.Equal(before + 1, await IntentsAsync());
    }

    [Fact]
    public async Task A_request_that_was_refused_unread_leaves_its_key_free()
    {
        var key = stripe.NewKey();
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.SendAsync(HttpMethod.Post, Create, "amount=x", key)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await stripe.SendAsync(HttpMethod.Post, Create, Form, key)).Response.StatusCode);
    }

    [Theory, InlineData("rate_limited", 429), InlineData("down", 503)]
    public async Task A_refusal_before_anything_was_done_is_not_remembered(string behaviour, int status)
    {
        var key = stripe.NewKey();
        await stripe.BehaveAsync(behaviour);
        Assert.Equal(status, (int)(await stripe.RefusalAsync(StripeService.Charge(), key)).HttpStatusCode);

        await stripe.BehaveAsync("normal");
        var (response, _) = await stripe.SendAsync(HttpMethod.Post, Create, Form, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task Without_a_key_each_is_another()
    {
        var (_, first) = await stripe.SendAsync(HttpMethod.Post, Create, Form);
        var (_, second) = await stripe.SendAsync(HttpMethod.Post, Create, Form, key: "");
        Assert.NotEqual(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_key_may_have_255_characters()
    {
        Assert.Equal(HttpStatusCode.OK, (await stripe.SendAsync(HttpMethod.Post, Create, Form, new string('k', 255))).Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await stripe.SendAsync(HttpMethod.Post, Create, Form, new string('k', 256))).Response.StatusCode);
    }

    private async Task<int> IntentsAsync() =>
        (await stripe.BooksAsync()).GetProperty("currencies").TryGetProperty("usd", out var usd) ? usd.GetProperty("intents").GetInt32() : 0;
}
