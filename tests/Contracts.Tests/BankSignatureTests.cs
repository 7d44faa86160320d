using System.Buffers;
using System.Text;

namespace Contracts.Tests;

/// <summary>
/// What Python 3.11 printed and signed, written down: the promise holds also where no Python is. BankSignaturePythonTests asks Python itself.
/// </summary>
public class BankSignatureTests
{
    /// <summary>docs/sandbox.md shows this one.</summary>
    private const string Callback = """{"transaction_id":123,"bank_reference":"BANK-REF-123456","status":"success","error_message":null}""";

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData(" \t\r\n{ \"b\" : [ ] , \"a\" : { } } \n", """{"a":{},"b":[]}""")]
    [InlineData("""{"b":true,"a":false,"c":null}""", """{"a":false,"b":true,"c":null}""")]
    [InlineData("""{"b":[{"z":1,"y":[2,{"x":3,"w":4}]}],"a":0}""", """{"a":0,"b":[{"y":[2,{"w":4,"x":3}],"z":1}]}""")]
    [InlineData("""{"signature":"ab","a":{"signature":"kept"}}""", """{"a":{"signature":"kept"}}""")]
    [InlineData("""{"":1,"a":2}""", """{"":1,"a":2}""")]
    public void Members_are_sorted_and_printed_without_spaces(string body, string text) => Assert.Equal(text, TextOf(body));

    [Theory]
    [InlineData("""{"a":1,"b":2,"a":3}""", """{"a":3,"b":2}""")]
    [InlineData("""{"a":{"x":1},"a":{"y":2}}""", """{"a":{"y":2}}""")]
    [InlineData("""{"a":1,"\u0061":2}""", """{"a":2}""")]
    [InlineData("""{"o":{"k":1,"k":{"k":2,"k":3}}}""", """{"o":{"k":{"k":3}}}""")]
    public void Of_members_with_one_name_the_last_counts(string body, string text) => Assert.Equal(text, TextOf(body));

    [Theory]
    [InlineData("1.0", "1.0"), InlineData("1e2", "100.0"), InlineData("1E+2", "100.0"), InlineData("250.00", "250.0"), InlineData("0.1", "0.1")]
    [InlineData("1e16", "1e+16"), InlineData("9999999999999998.0", "9999999999999998.0"), InlineData("1e15", "1000000000000000.0")]
    [InlineData("123456789012345680000.0", "1.2345678901234568e+20"), InlineData("0.0001", "0.0001"), InlineData("0.00001", "1e-05")]
    [InlineData("1e-07", "1e-07"), InlineData("1.5e-9", "1.5e-09"), InlineData("1e100", "1e+100")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("5e-324", "5e-324"), InlineData("2e-324", "0.0"), InlineData("-0.0", "-0.0"), InlineData("-0e5", "-0.0"), InlineData("-1e-999", "-0.0")]
    [InlineData("1e999", "Infinity"), InlineData("-1e999", "-Infinity"), InlineData("1e99999999999999999999", "Infinity")]
    [InlineData("5.684341886080802e-14", "5.684341886080802e-14")]
    [InlineData("9007199254740993.0", "9007199254740992.0"), InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("2.98023223876953125e-8", "2.9802322387695312e-08"), InlineData("4.1045368012983762e-289", "4.1045368012983762e-289")]
    [InlineData("NaN", "NaN"), InlineData("Infinity", "Infinity"), InlineData("-Infinity", "-Infinity")]
    [InlineData("0", "0"), InlineData("-0", "0"), InlineData("-7", "-7"), InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    public void Numbers_are_printed_as_Python_prints_them(string number, string printed)
    {
        Assert.Equal($$"""{"a":{{printed}}}""", TextOf($$"""{"a":{{number}}}"""));
        Assert.Equal($"{{\"a\":[{printed},{printed}]}}", TextOf($"{{\"a\":[{number} , {number}]}}"));
    }

    [Fact]
    public void A_point_far_behind_zeros_is_found() => Assert.Equal("""{"a":12.5}""", TextOf($$"""{"a":0.{{new string('0', 12_000)}}125e12002}"""));

    [Theory]
    [InlineData("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"")]
    [InlineData("\"\\u0000\\u001F\x7f\\u007F\"", "\"\\u0000\\u001f\\u007f\\u007f\"")]
    [InlineData("\"é\\u00E9 €\"", "\"\\u00e9\\u00e9 \\u20ac\"")]
    [InlineData("\"\U0001F600\\uD83D\\uDE00\"", "\"\\ud83d\\ude00\\ud83d\\ude00\"")]
    [InlineData("\"\\ud83d\\ud83d\\ude00\\ude00x\"", "\"\\ud83d\\ud83d\\ude00\\ude00x\"")]
    [InlineData("\"\\u0041\\u2028<>&'+`\"", "\"A\\u2028<>&'+`\"")]
    public void Strings_are_printed_in_ASCII(string text, string printed) => Assert.Equal($$"""{"a":{{printed}}}""", TextOf($$"""{"a":{{text}}}"""));

    [Theory]
    [InlineData("""{"é":1,"z":2,"Z":3,"_":4}""", """{"Z":3,"_":4,"z":2,"\u00e9":1}""")]
    [InlineData("""{"\ud800\udc00":1,"\uffff":2}""", """{"\uffff":2,"\ud800\udc00":1}""")]
    [InlineData("""{"\ud800\ud801":1,"\ud800\udc00":2,"\uffff":3,"\ud801":4}""", """{"\ud800\ud801":1,"\ud801":4,"\uffff":3,"\ud800\udc00":2}""")]
    [InlineData("""{"ab":1,"a":2,"a\u0000":3}""", """{"a":2,"a\u0000":3,"ab":1}""")]
    public void Names_are_sorted_by_code_points_and_not_by_UTF_16(string body, string text) => Assert.Equal(text, TextOf(body));

    [Theory]
    [InlineData(""), InlineData(" "), InlineData("[]"), InlineData("1"), InlineData("\"a\"")]
    [InlineData("null"), InlineData("{"), InlineData("{}{}"), InlineData("{} x")]
    [InlineData("{a:1}"), InlineData("{\"a\"}"), InlineData("{\"a\":}"), InlineData("{\"a\":1,}")]
    [InlineData("{,}"), InlineData("{\"a\":1 \"b\":2}"), InlineData("{\"a\":1;}")]
    [InlineData("{\"a\":[1,]}"), InlineData("{\"a\":[,]}"), InlineData("{\"a\":[1 2]}")]
    [InlineData("{\"a\":[1}"), InlineData("{\"a\":]}"), InlineData("{'a':1}")]
    [InlineData("{\"a\":01}"), InlineData("{\"a\":-}"), InlineData("{\"a\":+1}"), InlineData("{\"a\":.5}")]
    [InlineData("{\"a\":1.}"), InlineData("{\"a\":1e}"), InlineData("{\"a\":1e+}")]
    [InlineData("{\"a\":0x1}"), InlineData("{\"a\":-NaN}"), InlineData("{\"a\":nan}"), InlineData("{\"a\":nul}")]
    [InlineData("{\"a\":nulls}"), InlineData("{\"a\":True}"), InlineData("{\"a\":1_0}")]
    [InlineData("{\"a\":\"}"), InlineData("{\"a\":\"\\"), InlineData("{\"a\":\"\\x\"}"), InlineData("{\"a\":\"\\u12\"}")]
    [InlineData("{\"a\":\"\\u12G4\"}"), InlineData("{\"a\":\"\\u+123\"}"), InlineData("{\"a\":\"\\u006\0\"}")]
    [InlineData("{\"a\":\"\n\"}"), InlineData("{\"a\":\"\0\"}"), InlineData("{\"a\":1}\0")]
    [InlineData("\uFEFF{}"), InlineData("{\u00A0}"), InlineData("{\"a\":\u0661}"), InlineData("{}//")]
    public void What_Python_does_not_read_is_refused(string body) => AssertRefused(Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData("7B2261223A22FF227D"), InlineData("7B2261223A22C0AF227D"), InlineData("7B2261223A22EDA080227D")]
    [InlineData("7B2261223A22F09F98"), InlineData("7B007D00"), InlineData("FFFE7B007D00")]
    public void What_is_not_UTF_8_is_refused(string hex) => AssertRefused(Convert.FromHexString(hex));

    [Theory, InlineData(""), InlineData("-")]
    public void Integers_are_kept_up_to_Pythons_4300_digits(string sign)
    {
        var longest = $$"""{"a":{{sign}}{{new string('7', 4_300)}}}""";
        Assert.Equal(longest, TextOf(longest));
        AssertRefused(Encoding.UTF8.GetBytes(longest.Replace("7}", "77}", StringComparison.Ordinal)));
    }

    [Theory, InlineData("[", "]"), InlineData("{\"a\":", "}")]
    public void Too_deep_a_body_is_refused_and_crashes_nothing(string open, string close)
    {
        string Nested(int depth) => "{\"a\":" + Repeat(open, depth - 1) + "1" + Repeat(close, depth - 1) + "}";

        Assert.Equal(Nested(BankSignature.MaxDepth), TextOf(Nested(BankSignature.MaxDepth)));
        AssertRefused(Encoding.UTF8.GetBytes(Nested(BankSignature.MaxDepth + 1)));
        AssertRefused(Encoding.UTF8.GetBytes("{\"a\":" + Repeat(open, 1_000_000)));
    }

    [Theory]
    [InlineData("""{"signature":"ab"}""", "ab"), InlineData("""{"signature":"ab","signature":"cd"}""", "cd")]
    [InlineData("""{"\u0073ignature":"\u0061b"}""", "ab")]
    [InlineData("{}", null), InlineData("""{"signature":null}""", null)]
    [InlineData("""{"signature":12}""", null), InlineData("""{"signature":"ab","signature":["cd"]}""", null)]
    [InlineData("""{"a":{"signature":"ab"}}""", null), InlineData("""{"signature":""}""", "")]
    public void The_signature_that_came_is_picked_out(string body, string? signature)
    {
        Assert.True(BankSignature.TryCanonicalize(Encoding.UTF8.GetBytes(body), new ArrayBufferWriter<byte>(), out var found));
        Assert.Equal(signature, found);
    }

    [Theory]
    [InlineData("whsec_test", Callback, "2744e8da05932d33cf53161930cf46fcdfdcb6729be7bf70fe9a3bf117a4198e")]
    [InlineData("pässwörd", """{"amount":1e2,"note":"é"}""", "1cd0e6f1f74d901ef1096e9d6bd3cce2c119b2256f588aded364a9b810487866")]
    public void A_signature_is_the_one_that_Python_makes(string secret, string body, string signature)
    {
        var text = Encoding.ASCII.GetBytes(TextOf(body));
        Assert.Equal(signature, BankSignature.Sign(secret, text));
        Assert.True(BankSignature.Matches(secret, text, signature));
    }

    [Fact]
    public void Nothing_but_the_right_signature_matches()
    {
        var text = "{}"u8.ToArray();
        var right = BankSignature.Sign("secret", text);

        Assert.True(BankSignature.Matches("secret", text, right));
        Assert.False(BankSignature.Matches("other", text, right));
        Assert.False(BankSignature.Matches("secret", "{ }"u8, right));
        Assert.All<string?>([null, "", right[..^1], right + "0", " " + right, right.ToUpperInvariant(), new string('é', 32), new string('\ud800', 64)],
            wrong => Assert.False(BankSignature.Matches("secret", text, wrong)));
    }

    [Fact]
    public void Without_a_secret_nothing_is_signed() => Assert.Throws<ArgumentException>(() => BankSignature.Matches("", "{}"u8, "00"));

    private static string TextOf(string body)
    {
        var text = new ArrayBufferWriter<byte>();
        Assert.True(BankSignature.TryCanonicalize(Encoding.UTF8.GetBytes(body), text, out _), body.Length > 200 ? "a long body" : body);
        return Encoding.ASCII.GetString(text.WrittenSpan);
    }

    private static void AssertRefused(byte[] body)
    {
        var text = new ArrayBufferWriter<byte>();
        Assert.False(BankSignature.TryCanonicalize(body, text, out var signature));
        Assert.Null(signature);
        Assert.Equal(0, text.WrittenCount);
    }

    private static string Repeat(string piece, int count) => string.Concat(Enumerable.Repeat(piece, count));
}
