using System.Text;
using Ingest.Api.Transactions;

namespace Ingest.Api.Tests;

/// <summary>Bodies that are no JSON object, and members that are not ours.</summary>
public sealed class TransactionJsonSyntaxTests
{
    private static readonly string Good = TransactionJsonTests.Body();

    [Theory]
    [InlineData(""), InlineData(" "), InlineData("{"), InlineData("}"), InlineData("null")]
    [InlineData("[]"), InlineData("7"), InlineData("\"a\""), InlineData("nope")]
    [InlineData("{\"a\""), InlineData("{\"a\":"), InlineData("{\"a\":1"), InlineData("{\"a\":1,}")]
    [InlineData("{a:1}"), InlineData("{'a':1}"), InlineData("{\"a\":01}")]
    [InlineData("{\"a\":+1}"), InlineData("{\"a\":.5}"), InlineData("{\"a\":1.}"), InlineData("{\"a\":1e}")]
    [InlineData("{\"a\":-}"), InlineData("{\"a\":0x1}"), InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":\"\u0001\"}"), InlineData("{\"a\":\"\\x\"}"), InlineData("{\"a\":\"\\u12\"}")]
    [InlineData("{\"a\":\"b}"), InlineData("{/**/}"), InlineData("{\"a\":[1}"), InlineData("\0")]
    public void What_is_no_JSON_object_is_400(string body) => AssertUnreadable(body);

    [Fact]
    public void What_follows_or_precedes_the_object_makes_it_no_JSON_object()
    {
        AssertUnreadable($"{Good}{Good}");
        AssertUnreadable($"{Good},");
        AssertUnreadable($"{Good}x");
        AssertUnreadable($"{Good}\0");
        AssertUnreadable($"[{Good}]");
        AssertUnreadable($"\ufeff{Good}");
        Assert.NotNull(TransactionJsonTests.Read($" \r\n\t{Good} \r\n\t").Content);
    }

    [Fact]
    public void The_message_says_where_reading_stopped() =>
        Assert.Contains("line 2, byte 4", TransactionJsonTests.Read("{\n\"a\"!1}").Problem!.Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("1e999999999"), InlineData("\"\\ud800\""), InlineData("\"\\u0000\"")]
    [InlineData("[[[[{\"amount\":\"x\"}]]]]"), InlineData("{\"currency\":7,\"\\ud800\":1}"), InlineData("null")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890")]
    public void An_unknown_member_is_skipped_whatever_it_holds(string value)
    {
        foreach (var name in (string[])["x", "", "Amount", "amount ", "transaction_id_2", new string('n', 3_000)])
        {
            Assert.NotNull(TransactionJsonTests.Read($"{{\"{name}\":{value},{Good[1..]}").Content);
            Assert.NotNull(TransactionJsonTests.Read($"{Good[..^1]},\"{name}\":{value}}}").Content);
        }
    }

    [Theory]
    [InlineData("\\ud800"), InlineData("\\ud800\\ud800"), InlineData("\\ud800\\ud800\\ud800")]
    [InlineData("amoun\\udc00"), InlineData("transaction_i\\ud800"), InlineData("\\ud800currency")]
    public void A_name_with_an_unpaired_surrogate_is_400_as_no_text(string name) => AssertUnreadable($"{{\"{name}\":1,{Good[1..]}");

    [Fact]
    public void Nesting_of_32_levels_is_read_and_deeper_is_400_without_harm()
    {
        Assert.NotNull(TransactionJsonTests.Read(Nested(31)).Content);
        AssertUnreadable(Nested(32));
        AssertUnreadable(Nested(8_000));
        AssertUnreadable(new string('[', 16_000));

        static string Nested(int levels) => $"{{\"x\":{new string('[', levels)}{new string(']', levels)},{Good[1..]}";
    }

    [Theory]
    [InlineData(new byte[] { 0xff }), InlineData(new byte[] { 0xc3 }), InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 }), InlineData(new byte[] { 0xf5, 0x80, 0x80, 0x80 })]
    public void Bytes_that_are_no_UTF_8_are_400_also_in_a_member_that_nobody_reads(byte[] bytes)
    {
        foreach (var (head, tail) in ((string, string)[])[("{\"x\":\"", $"\",{Good[1..]}"), ("{\"", $"\":1,{Good[1..]}"), ("{\"amount\":\"", "\"}")])
        {
            var (content, problem) = TransactionJson.Read([.. Encoding.UTF8.GetBytes(head), .. bytes, .. Encoding.UTF8.GetBytes(tail)]);
            Assert.Null(content);
            Assert.Equal((400, "invalid_json", "The body is not valid UTF-8."), (problem!.Status, problem.Error, problem.Detail));
        }
    }

    private static void AssertUnreadable(string body)
    {
        var (content, problem) = TransactionJsonTests.Read(body);
        Assert.Null(content);
        Assert.Equal((400, "invalid_json"), (problem!.Status, problem.Error));
        Assert.StartsWith("The body ", problem.Detail, StringComparison.Ordinal);
    }
}
