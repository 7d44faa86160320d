using System.Text;
using System.Text.Json.Nodes;
using Ingest.Api.Transactions;

namespace Ingest.Api.Tests;

public sealed class TransactionJsonTests
{
    private static readonly string[] Members = ["transaction_id", "source_account", "destination_account", "amount", "currency"];
    private static readonly TransactionContent Example = new("txn_abc123def456", "acc_user_789", "acc_merchant_456", 1500m, "INR");

    public static TheoryData<string> EachMember => [.. Members];

    public static TheoryData<string> EachId => [.. Members[..3]];

    [Fact]
    public void The_example_of_the_contract_is_read()
    {
        var (content, problem) = Read(
            """{"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":1500"""
            + ""","currency":"INR"}""");

        Assert.Null(problem);
        Assert.Equal(Example, content);
    }

    [Theory]
    [InlineData("1500"), InlineData("1500.00"), InlineData("1.5e3"), InlineData("\"1500\""), InlineData("\"1500.00\""), InlineData("\"\\u0031500\"")]
    public void An_amount_is_a_number_or_a_decimal_string(string amount) => Assert.Equal(Example, Read(Body("amount", amount)).Content);

    [Theory]
    [InlineData("inr"), InlineData("Inr"), InlineData("\\u0049NR")]
    public void A_currency_comes_in_any_case_and_is_kept_upper_case(string currency) =>
        Assert.Equal(Example, Read(Body("currency", $"\"{currency}\"")).Content);

    [Theory]
    [MemberData(nameof(EachMember))]
    public void A_member_whose_name_or_value_is_written_with_escapes_is_the_same_member(string member)
    {
        var escaped = string.Concat(member.Select(c => $"\\u{(int)c:x4}"));
        Assert.Equal(Example, Read(Body().Replace($"\"{member}\"", $"\"{escaped}\"", StringComparison.Ordinal)).Content);
    }

    [Theory]
    [MemberData(nameof(EachId))]
    public void An_id_may_have_128_characters_however_they_are_written(string member)
    {
        const string Allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@-";
        var id = Allowed + new string('x', 128 - Allowed.Length);

        Assert.NotNull(Read(Body(member, $"\"{id}\"")).Content);
        Assert.NotNull(Read(Body(member, $"\"{string.Concat(id.Select(c => $"\\u{(int)c:x4}"))}\"")).Content);
        AssertRefused(Body(member, $"\"{id}x\""), member, "1-128 characters");
        AssertRefused(Body(member, $"\"{new string('x', 10_000)}\""), member, "1-128 characters");
    }

    [Theory]
    [MemberData(nameof(EachMember))]
    public void A_missing_member_is_named(string member)
    {
        var body = JsonNode.Parse(Body())!.AsObject();
        body.Remove(member);
        AssertRefused(body.ToJsonString(), member, "is missing; it must be");
    }

    [Theory]
    [MemberData(nameof(EachMember))]
    public void A_member_of_another_type_is_told_what_came(string member)
    {
        AssertRefused(Body(member, "null"), member, "got null");
        AssertRefused(Body(member, "true"), member, "got a boolean");
        AssertRefused(Body(member, "[\"USD\",[1]]"), member, "got an array");
        AssertRefused(Body(member, "{\"amount\":1,\"currency\":\"USD\"}"), member, "got an object");
        if (member != "amount") AssertRefused(Body(member, "1"), member, "got a number");
    }

    [Theory]
    [MemberData(nameof(EachMember))]
    public void A_member_sent_twice_is_refused_even_with_the_same_value(string member)
    {
        var value = JsonNode.Parse(Body())![member]!.ToJsonString();
        AssertRefused($"{Body()[..^1]},\"{member}\":{value}}}", member, "appears more than once");
        AssertRefused($"{Body(member, "null")[..^1]},\"{member}\":{value}}}", member, "appears more than once");
    }

    [Theory]
    [InlineData(""), InlineData(" "), InlineData("a b"), InlineData("a/b"), InlineData("a\\nb")]
    [InlineData("\\u0000"), InlineData("a\\u0000"), InlineData("ä"), InlineData("\\u00e4")]
    [InlineData("\\ud800"), InlineData("a\\udfffb"), InlineData("\\ud83d\\ude00"), InlineData("😀")]
    [InlineData("a,b"), InlineData("a'b"), InlineData("a\\\"b"), InlineData("%41")]
    public void A_text_that_no_id_currency_or_amount_may_be_is_refused_wherever_it_stands(string text)
    {
        foreach (var member in Members) AssertRefused(Body(member, $"\"{text}\""), member, "must be");
    }

    [Theory]
    [InlineData("US"), InlineData("USDX"), InlineData("XXX"), InlineData("XAU")]
    [InlineData("ZZZ"), InlineData("$"), InlineData(" USD"), InlineData("US\\u0044\\u0000")]
    public void A_currency_is_an_active_ISO_4217_code(string currency) =>
        AssertRefused(Body("currency", $"\"{currency}\""), "currency", "active ISO 4217 code such as \"USD\"");

    [Theory]
    [InlineData("150.505", "INR", "has 3 decimals; INR has 2")]
    [InlineData("0.1", "jpy", "has 1 decimals; JPY has 0")]
    [InlineData("\"1.2345\"", "KWD", "has 4 decimals; KWD has 3")]
    [InlineData("1.23456", "KWD", "has more decimals than KWD, which has 3")]
    [InlineData("1e-999999999", "CLF", "has more decimals than CLF, which has 4")]
    [InlineData("1e-5", "nope", "has more decimals than any currency; the most is 4")]
    [InlineData("1000000000000000", "INR", "at most 15 digits before the point")]
    [InlineData("1e999999999", "INR", "at most 15 digits before the point")]
    [InlineData("0", "INR", "must be greater than 0")]
    [InlineData("-0", "INR", "must be greater than 0")]
    [InlineData("\"-3\"", "INR", "must be greater than 0")]
    [InlineData("\"1e2\"", "INR", "decimal string such as \"150.50\"")]
    public void An_amount_that_is_not_allowed_is_told_what_is(string amount, string currency, string message) =>
        AssertRefused(Body("amount", amount).Replace("INR", currency, StringComparison.Ordinal), "amount", message);

    [Theory]
    [InlineData("1500.00", "INR"), InlineData("1500", "JPY"), InlineData("1500.000", "JPY")]
    [InlineData("1.500", "KWD"), InlineData("1.2345", "CLF"), InlineData("1.10", "USD")]
    public void Zeros_at_the_end_are_no_decimals(string amount, string currency) =>
        Assert.NotNull(Read(Body("amount", amount).Replace("INR", currency, StringComparison.Ordinal)).Content);

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var (_, problem) = Read("""{"transaction_id":"","amount":0,"currency":7}""");

        Assert.Equal(422, problem!.Status);
        Assert.Equal("validation_failed", problem.Error);
        Assert.Equal(Members.Order(StringComparer.Ordinal), problem.Errors!.Keys.Order(StringComparer.Ordinal));
    }

    internal static string Body(string member = "amount", string json = "1500")
    {
        var body =
            """{"transaction_id":"txn_abc123def456","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":1500"""
            + ""","currency":"INR"}""";
        var value = JsonNode.Parse(body)![member]!.ToJsonString();
        return body.Replace($"\"{member}\":{value}", $"\"{member}\":{json}", StringComparison.Ordinal);
    }

    internal static (TransactionContent? Content, ServiceDefaults.Problems.Problem? Problem) Read(string body) =>
        TransactionJson.Read(Encoding.UTF8.GetBytes(body));

    private static void AssertRefused(string body, string member, string message)
    {
        var (content, problem) = Read(body);
        Assert.Null(content);
        Assert.Equal(422, problem!.Status);
        Assert.Contains(message, string.Join('\n', problem.Errors![member]), StringComparison.Ordinal);
    }
}
