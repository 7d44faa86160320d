namespace Ingest.Api.Tests.Charges;

/// <summary>Every member with every kind of rubbish: a 422 that names it, and nothing stored.</summary>
public sealed class BadChargeTests(ChargeService service) : IClassFixture<ChargeService>
{
    public static TheoryData<string, string> Rubbish
    {
        get
        {
            var rubbish = new TheoryData<string, string>
            {
                { "customer_id", """ "amount":1 """ },
                { "customer_id", """ "customer_id":"","amount":1 """ },
                { "customer_id", """ "customer_id":"\u0000","amount":1 """ },
                { "customer_id", """ "customer_id":"\ud800","amount":1 """ },
                { "customer_id", $$""" "customer_id":"{{new string('a', 129)}}","amount":1 """ },
                { "amount", """ "customer_id":"c" """ },
            };
            foreach (var amount in (string[])["0", "-1", "1.001", "1e16", "1e999999999", "\"1,5\"", "\"NaN\"", "null", "[]", "{}", "true", "\"\\ud800\""])
                rubbish.Add("amount", $"\"customer_id\":\"c\",\"amount\":{amount}");
            foreach (var (name, value) in Others) rubbish.Add(name, $"\"customer_id\":\"c\",\"amount\":10,\"{Top(name)}\":{value}");
            return rubbish;
        }
    }

    private static IEnumerable<(string Name, string Value)> Others =>
    [
        ("currency", "\"XAU\""), ("currency", "\"US\""), ("currency", "1"),
        ("payment_method", "\"cash\""), ("payment_method", "1"),
        ("stripe_payment_method", "7"), ("stripe_payment_method", "\"pm card\""), ("stripe_customer", "{}"), ("stripe_customer", "\"\""),
        ("installment_id", "\"7\""), ("installment_id", "7"), ("installment_order_id", "\"not-a-uuid\""),
        ("metadata", "[]"), ("metadata", "\"x\""), ("metadata", "1"), ("metadata", """{"a":"\u0000"}"""), ("metadata", """{"a":{"b":["\ud800"]}}"""),
        ("metadata", $"{{\"deep\":{{\"list\":[\"{new string('x', 16 * 1024)}\"]}}}}"),
        ("metadata.a", """{"a":1,"a":2}"""),
        ("split_instructions", "1"), ("split_instructions", "\"x\""), ("split_instructions", "[]"),
        ("split_instructions", $"[{string.Join(',', Enumerable.Repeat("""{"destination":"a","amount":0.01}""", 1_500))}]"),
        ("split_instructions", """[{"destination":"a","amount":9.99}]"""),
        ("split_instructions", """[{"destination":"a","amount":5},{"destination":"b","amount":5.01}]"""),
        ("split_instructions", """[{"destination":"a","percent":99.9999}]"""),
        ("split_instructions[0]", "[1]"), ("split_instructions[0]", """[{"amount":10}]"""),
        ("split_instructions[0]", """[{"destination":"a b","amount":10}]"""),
        ("split_instructions[0]", """[{"destination":"a"}]"""), ("split_instructions[0]", """[{"destination":"a","amount":10,"percent":100}]"""),
        ("split_instructions[1]", """[{"destination":"a","percent":50},{"destination":"b","amount":5}]"""),
        ("split_instructions[1]", """[{"destination":"a","amount":5},{"destination":"b","amount":"5.001"}]"""),
        ("split_instructions[0]", """[{"destination":"a","percent":0},{"destination":"b","percent":100}]"""),
        ("split_instructions[0]", """[{"destination":"a","percent":101}]"""), ("split_instructions[0]", """[{"destination":"a","percent":33.33333}]"""),
    ];

    [Theory, MemberData(nameof(Rubbish))]
    public async Task Each_is_named_and_nothing_is_stored(string field, string members)
    {
        var before = await service.StoredAsync();
        var problem = (await service.PostAsync("/charges", $"{{{members}}}", "key-bad")).IsProblem(422, "validation_failed");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out var messages), $"{problem}");
        Assert.StartsWith(field, messages[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await service.StoredAsync());
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    [InlineData("{", 400)]
    [InlineData("{\"a\":1}x", 400)]
    public async Task A_body_that_is_no_object_is_a_400(string body, int status) =>
        (await service.PostAsync("/charges", body)).IsProblem(status, "invalid_json");

    [Fact]
    public async Task Ten_thousand_splits_are_too_large_a_body()
    {
        var parts = string.Join(',', Enumerable.Repeat("""{"destination":"acct_1","percent":0.01}""", 10_000));
        (await service.PostAsync("/charges", $$"""{"customer_id":"c","amount":100,"split_instructions":[{{parts}}]}""")).IsProblem(413, "payload_too_large");
    }

    private static string Top(string name) => name.Split('[', '.')[0];
}
