using System.Text;
using System.Text.Json;
using Contracts;
using Ingest.Api.Requests;

namespace Ingest.Api.Tests.Requests;

public sealed class JsonMembersTests
{
    private static readonly Currency Dollar = Currency.Find("USD")!;

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "a")]
    [InlineData("""{"a":1,"\u0061":2}""", "a")]
    [InlineData("""{"known":"x","unknown":1,"unknown":2}""", "unknown")]
    [InlineData("""{"value":{"deep":[{"b":1,"c":2,"b":3}]}}""", "value.deep.b")]
    public void A_member_that_appears_twice_is_refused_and_named_at_any_depth(string body, string name)
    {
        var problem = Read(body).Problem;

        Assert.Equal([$"{name} appears more than once; send it once"], Assert.Single(problem!.Errors!, error => error.Key == name).Value);
    }

    [Theory]
    [InlineData("""{"a":{"x":1},"b":{"x":1}}"""), InlineData("""{"a":1,"A":2}"""), InlineData("""[{"a":1}]""")]
    public void The_same_name_in_different_objects_is_no_repetition(string body)
    {
        var (members, problem) = JsonMembers.Read(Encoding.UTF8.GetBytes(body));

        Assert.Null(members?.Problem);
        Assert.Equal(body[0] == '[' ? "invalid_json" : null, problem?.Error);
    }

    [Fact]
    public void An_answer_does_not_list_thousands_of_repetitions()
    {
        var body = $"{{{string.Join(',', Enumerable.Range(0, 4_000).Select(n => $"\"m{n / 2}\":1"))}}}";

        Assert.InRange(Read(body).Problem!.Errors!.Count, 1, 20);
    }

    [Fact]
    public void One_422_names_every_field_that_is_not_acceptable()
    {
        var members = Read("""{"customer_id":"a b","amount":-1,"currency":"XXX","description":5}""");

        Assert.Null(members.Id("customer_id"));
        Assert.Equal(0, members.Amount("amount", Dollar));
        Assert.Null(members.Currency("currency", Dollar));
        Assert.Null(members.Description("description"));
        Assert.Null(members.Text("reason", "must be text", _ => true));

        Assert.Equal(["amount", "currency", "customer_id", "description", "reason"], members.Problem!.Errors!.Keys.Order());
        Assert.All(members.Problem.Errors!, error => Assert.StartsWith($"{error.Key} ", Assert.Single(error.Value), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"amount":250,"description":"Rent"}""")]
    [InlineData("""{"description":"Rent","amount":250}""")]
    [InlineData(""" { "amount" : 250.00 , "description" : "\u0052ent" } """)]
    [InlineData("""{"amount":"250.000","description":"Rent","currency":"usd"}""")]
    [InlineData("""{"amount":2.5e2,"description":"Rent","currency":null,"sent_at":"2026-01-15"}""")]
    public void The_same_request_written_otherwise_has_the_same_fingerprint(string body) =>
        Assert.Equal(Fingerprint("""{"amount":250,"description":"Rent"}"""), Fingerprint(body));

    [Theory]
    [InlineData("""{"amount":250.01,"description":"Rent"}""")]
    [InlineData("""{"amount":250,"description":"rent"}""")]
    [InlineData("""{"amount":250}""")]
    [InlineData("""{"amount":250,"description":"Rent","currency":"EUR"}""")]
    public void Another_request_has_another_fingerprint(string body) =>
        Assert.NotEqual(Fingerprint("""{"amount":250,"description":"Rent"}"""), Fingerprint(body));

    [Theory]
    [InlineData(@"a\u0000b", "ab"), InlineData(@"half \ud83d of it", "half \ufffd of it")]
    [InlineData(@"\udfff\n\t\""\/\\\u00fc", "\ufffd\n\t\"/\\ü"), InlineData(@"\ud83d\ude00ü", "😀ü")]
    public void Text_that_only_informs_is_made_fit_to_be_stored(string escaped, string stored) =>
        Assert.Equal(stored, Read($$"""{"description":"{{escaped}}"}""").Description("description"));

    [Theory]
    [InlineData(499, 499), InlineData(500, 499), InlineData(600, 499)]
    public void A_text_is_never_cut_in_the_middle_of_a_character(int lead, int length)
    {
        var clean = JsonText.Clean(Encoding.UTF8.GetBytes(new string('x', 499) + "😀" + new string('y', lead)));

        Assert.Equal(length, clean.Length);
    }

    [Theory]
    [InlineData(""), InlineData("plain"), InlineData("ü😀\u2028\"\\/\b\f\n\r\t\u0001")]
    public void Unescaping_is_the_inverse_of_what_a_JSON_writer_does(string text)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(text);

        Assert.Equal(text, JsonText.Unescape(json.AsSpan()[1..^1]));
    }

    private static JsonMembers Read(string body) => JsonMembers.Read(Encoding.UTF8.GetBytes(body)).Members!;

    private static byte[] Fingerprint(string body)
    {
        var members = Read(body);
        members.Amount("amount", Dollar);
        members.Currency("currency", Dollar);
        members.Description("description");
        Assert.Null(members.Problem);
        return members.Fingerprint();
    }
}
