using System.Net;
using Data.Charges;
using Processor.Worker.Charges;

namespace Processor.Worker.Tests.Charges;

/// <summary>What each answer of Stripe's means, through Stripe's own SDK: definite or unknown.</summary>
public sealed class StripeAnswerTests : IDisposable
{
    private readonly StubStripe _stripe = new();

    [Fact]
    public async Task The_row_is_sent_as_it_is_with_its_key()
    {
        var answer = await _stripe.SendAsync(StubStripe.AnyRequest());
        Assert.Equal(new StripeAnswer.Settled(StripeResult.Succeeded("pi_1")), answer);
        Assert.Equal("POST /v1/payment_intents charge:019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f:1", Assert.Single(_stripe.Requests));
        foreach (var part in (string[])["amount=3000", "currency=usd", "payment_method=pm_card_visa", "confirm=true", "off_session=true",
            "metadata[charge_id]=019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"])
            Assert.Contains(part, WebUtility.UrlDecode(_stripe.LastForm).Split('&'));
    }

    [Theory]
    [InlineData(
        """
        {"type":"card_error","code":"card_declined","decline_code":"stolen_card","message":"No.","payment_intent":{"id":"pi_2","object":"payment_intent"}}
        """,
        402, "pi_2 card_declined stolen_card")]
    [InlineData("""{"type":"card_error","code":"expired_card","message":"No."}""", 402, " expired_card ")]
    [InlineData("""{"type":"invalid_request_error","code":"amount_too_small","message":"No."}""", 400, " amount_too_small ")]
    [InlineData("""{"type":"invalid_request_error","code":"resource_missing","message":"No."}""", 404, " resource_missing ")]
    public async Task A_decline_and_a_refusal_are_definite(string error, int status, string result)
    {
        var answer = await _stripe.Answers((HttpStatusCode)status, $$"""{"error":{{error}}}""").SendAsync(StubStripe.AnyRequest());
        var settled = Assert.IsType<StripeAnswer.Settled>(answer).Result;
        Assert.Equal((false, result), (settled.IsSuccess, $"{settled.StripeId} {settled.FailureCode} {settled.DeclineCode}"));
    }

    [Theory]
    [InlineData(500, """{"error":{"type":"api_error","message":"x"}}""", "application/json")]
    [InlineData(503, """{"error":{"type":"api_error","message":"x"}}""", "application/json")]
    [InlineData(502, "<html>Bad gateway</html>", "text/html")]
    [InlineData(200, "", "application/json")]
    [InlineData(400, "<html>a proxy's own page</html>", "text/html")]
    [InlineData(409, """{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}""", "application/json")]
    public async Task What_does_not_tell_leaves_the_outcome_unknown_and_is_never_a_decline(int status, string body, string mediaType) =>
        Assert.IsType<StripeAnswer.Unknown>(await _stripe.Answers((HttpStatusCode)status, body, mediaType).SendAsync(StubStripe.AnyRequest()));

    [Fact]
    public async Task A_time_out_and_a_broken_connection_are_unknown_and_no_connection_is_certainly_nothing()
    {
        _stripe.Answers(_ => throw new TaskCanceledException());
        Assert.IsType<StripeAnswer.Unknown>(await _stripe.SendAsync(StubStripe.AnyRequest()));
        _stripe.Answers(_ => throw new HttpRequestException(HttpRequestError.ResponseEnded));
        Assert.IsType<StripeAnswer.Unknown>(await _stripe.SendAsync(StubStripe.AnyRequest()));
        _stripe.Answers(_ => throw new HttpRequestException(HttpRequestError.ConnectionError));
        Assert.IsType<StripeAnswer.NotAccepted>(await _stripe.SendAsync(StubStripe.AnyRequest()));
    }

    [Fact]
    public async Task Too_many_requests_is_nothing_done_and_says_when_to_come_again()
    {
        _stripe.Answers(_ =>
        {
            var answer = StubStripe.Json(HttpStatusCode.TooManyRequests, """{"error":{"type":"invalid_request_error","code":"rate_limit"}}""");
            answer.Headers.TryAddWithoutValidation("Retry-After", "7");
            return Task.FromResult(answer);
        });
        var answer = Assert.IsType<StripeAnswer.NotAccepted>(await _stripe.SendAsync(StubStripe.AnyRequest()));
        Assert.Equal(TimeSpan.FromSeconds(7), answer.RetryAfter);
    }

    [Fact]
    public async Task A_wrong_key_says_nothing_about_the_charge_and_one_key_for_two_bodies_is_our_mistake()
    {
        _stripe.Answers(HttpStatusCode.Unauthorized, """{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}""");
        Assert.IsType<StripeAnswer.Misconfigured>(await _stripe.SendAsync(StubStripe.AnyRequest()));
        _stripe.Answers(HttpStatusCode.BadRequest, """{"error":{"type":"idempotency_error","message":"Keys for idempotent requests can only be used ..."}}""");
        Assert.IsType<StripeAnswer.OurMistake>(await _stripe.SendAsync(StubStripe.AnyRequest()));
    }

    [Theory]
    [InlineData("succeeded", "True ")]
    [InlineData("canceled", "False canceled")]
    [InlineData("requires_action", "False authentication_required")]
    [InlineData("requires_payment_method", "False card_declined")]
    public async Task A_payment_intent_is_settled_by_its_status(string status, string result)
    {
        _stripe.Answers(HttpStatusCode.OK, $$"""{"id":"pi_1","object":"payment_intent","status":"{{status}}"}""");
        var settled = Assert.IsType<StripeAnswer.Settled>(await _stripe.SendAsync(StubStripe.AnyRequest())).Result;
        Assert.Equal(result, $"{settled.IsSuccess} {settled.FailureCode}");
    }

    [Fact]
    public async Task A_payment_that_Stripe_is_still_at_work_on_is_waited_for()
    {
        _stripe.Answers(HttpStatusCode.OK, """{"id":"pi_1","object":"payment_intent","status":"processing"}""");
        Assert.Equal(new StripeAnswer.Processing("pi_1"), await _stripe.SendAsync(StubStripe.AnyRequest()));
    }

    public void Dispose() => _stripe.Dispose();
}
