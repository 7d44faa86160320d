namespace Sandbox.Tests;

/// <summary>What Stripe has taken and given back, for who compares.</summary>
public sealed class StripeBooksTests(StripeService stripe) : IClassFixture<StripeService>
{
    [Fact]
    public async Task The_books_have_every_intent_and_their_sums_by_currency()
    {
        Assert.Equal("""{"currencies":{}}""", (await stripe.BooksAsync()).GetRawText());
        var taken = await stripe.ChargeAsync();
        var bare = StripeService.Charge(amount: 300, currency: "jpy");
        bare.Metadata = null;
        var yen = await stripe.ChargeAsync(bare);
        var declined = (await stripe.RefusalAsync(StripeService.Charge("pm_card_chargeDeclined", amount: 7))).StripeError.PaymentIntent;
        await stripe.RefundAsync(taken.Id, 50);
        await stripe.RefundAsync(taken.Id, 100);

        const string Sums = """{"jpy":{"intents":1,"succeeded":300,"refunded":0},"usd":{"intents":2,"succeeded":1050,"refunded":150}}""";
        Assert.Equal($$"""{"currencies":{{Sums}}}""", (await stripe.BooksAsync()).GetRawText());
        var books = await stripe.BooksAsync("?detail=true");
        Assert.Equal(Sums, books.GetProperty("currencies").GetRawText());
        Assert.Equal(
            [
                $$"""{"id":"{{taken.Id}}","charge_id":"5","amount":1050,"currency":"usd","status":"succeeded","refunded":150}""",
                $$"""{"id":"{{yen.Id}}","charge_id":null,"amount":300,"currency":"jpy","status":"succeeded","refunded":0}""",
                $$"""{"id":"{{declined.Id}}","charge_id":"5","amount":7,"currency":"usd","status":"requires_payment_method","refunded":0}""",
            ],
            books.GetProperty("rows").EnumerateArray().Select(row => row.GetRawText()));
    }
}
