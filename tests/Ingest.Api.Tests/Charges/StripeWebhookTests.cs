namespace Ingest.Api.Tests.Charges;

public sealed class StripeWebhookTests(ChargeService service) : IClassFixture<ChargeService>
{
    private const string Body =
        """{"type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","metadata":{"charge_id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"}}}}""";

    public static TheoryData<string> BadSignatures =>
    [
        "", "rubbish", "t=1,v1=00", "t=,v1=", "v1=00", ChargeService.Sign(Body, DateTimeOffset.UtcNow.AddMinutes(-6)),
        ChargeService.Sign(Body, DateTimeOffset.UtcNow, "another secret of theirs"), ChargeService.Sign(Body + " ", DateTimeOffset.UtcNow),
    ];

    [Theory, MemberData(nameof(BadSignatures))]
    public async Task What_is_not_signed_by_Stripe_now_is_refused(string signature) =>
        (await service.SendEventAsync(Body, signature)).IsProblem(401, "invalid_signature");

    [Theory]
    [InlineData("""{"type":"customer.created","data":{"object":{"id":"cus_1"}}}""")]
    [InlineData("""{"type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}""")]
    [InlineData("""{"type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","metadata":{"charge_id":"7"}}}}""")]
    [InlineData("""{"type":"payment_intent.succeeded","data":[]}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("{}")]
    [InlineData(Body)] // A charge of another system on the same account of Stripe's.
    public async Task What_is_not_ours_is_taken_so_that_Stripe_does_not_send_it_for_days(string body) => Assert.Equal(200, (await service.SendEventAsync(
        body)).Status);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_signed_body_that_is_no_event_is_a_400(string body) => (await service.SendEventAsync(body)).IsProblem(400, "invalid_json");

    [Theory]
    [InlineData("payment_intent.payment_failed",
        """ "last_payment_error":{"code":"card_declined","decline_code":"stolen_card","message":"Your card was stolen."} """,
        "failed card_declined Your card was stolen.")]
    [InlineData("payment_intent.payment_failed", """ "x":1 """, "failed payment_failed The payment failed at Stripe.")]
    [InlineData("payment_intent.canceled", """ "x":1 """, "failed canceled The payment was cancelled at Stripe.")]
    [InlineData("payment_intent.processing", """ "x":1 """, "pending")]
    public async Task A_late_outcome_settles_the_charge_once(string type, string members, string state)
    {
        var customer = await service.AddCustomerAsync(100);
        var charging = service.PostAsync("/charges", $$"""{"customer_id":"{{customer}}","amount":130,"stripe_payment_method":"pm_card_visa"}""");
        await Support.Eventually.TrueAsync(
            _ => service.Ingest.Database.ReadAsync<bool>($"SELECT EXISTS (SELECT FROM charges WHERE customer_id = '{customer}')"),
                TestContext.Current.CancellationToken);
        var id = await service.Ingest.Database.ReadAsync<Guid>($"SELECT id FROM charges WHERE customer_id = '{customer}'");
        var reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            service.ReportAsync(type, $$$""" "id":"pi_1","metadata":{"charge_id":"{{{id}}}"},{{{members}}} """)));
        Assert.All(reports, report => Assert.Equal(200, report.Status));
        Assert.Equal(state, await service.Ingest.Database.ReadAsync<string>(
            $"SELECT concat_ws(' ', status, failure_code, failure_message) FROM charges WHERE id = '{id}'"));
        Assert.Equal(state == "pending" ? "0" : "100", await service.WalletAsync(customer));
        await charging;
    }
}
