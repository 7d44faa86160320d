using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ingest.Api.Transactions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ingest.Api.Tests;

public sealed class SignatureCheckTests
{
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Body = """{"transaction_id":"txn_1"}""";

    private readonly FakeTimeProvider _clock = new();
    private readonly string _old = NewSecret(1, 24);
    private readonly string _new = NewSecret(2, 64);

    private string Now => At(0);

    [Fact]
    public void The_example_of_the_specification_is_accepted()
    {
        // https://github.com/standard-webhooks/standard-webhooks: its libraries' own test vector.
        _clock.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(1614265330));
        var headers = Headers(Id, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

        Assert.Null(Check("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").Refuse(headers, """{"test": 2432232314}"""u8));
    }

    [Fact]
    public void A_signature_by_any_of_several_secrets_is_accepted()
    {
        foreach (var secret in (string[])[_old, _new])
            Assert.Null(Check(_old, _new).Refuse(Headers(Id, Now, Signature(secret)), Encoding.UTF8.GetBytes(Body)));

        AssertRefused(Check(_new), Headers(Id, Now, Signature(_old)), "does not match");
    }

    [Fact]
    public void One_good_signature_among_several_is_enough_wherever_it_stands()
    {
        var good = Signature(_new);
        var bad = Signature(NewSecret(3, 32));

        foreach (var header in (string[])[$"{good} {bad}", $"{bad} {good}", $"v1a,{bad} {bad} {good} v2,x", $" {good}  "])
            Assert.Null(Check(_new).Refuse(Headers(Id, Now, header), Encoding.UTF8.GetBytes(Body)));

        AssertRefused(Check(_new), Headers(Id, Now, $"{bad} {bad}"), "does not match");
    }

    [Theory]
    [InlineData(-300, true), InlineData(300, true), InlineData(-301, false), InlineData(301, false)]
    public void A_signature_is_good_for_5_minutes_either_way(int seconds, bool isGood)
    {
        var headers = Headers(Id, At(seconds), Signature(_new, at: At(seconds)));

        if (isGood) Assert.Null(Check(_new).Refuse(headers, Encoding.UTF8.GetBytes(Body)));
        else AssertRefused(Check(_new), headers, "more than 5 minutes from now");
    }

    [Fact]
    public void What_was_good_is_refused_when_its_time_is_over()
    {
        var (check, headers) = (Check(_new), Headers(Id, Now, Signature(_new)));
        Assert.Null(check.Refuse(headers, Encoding.UTF8.GetBytes(Body)));

        _clock.Advance(TimeSpan.FromSeconds(301));

        AssertRefused(check, headers, "Sign the request anew");
    }

    [Fact]
    public void Id_time_and_body_are_all_signed()
    {
        var signature = Signature(_new);

        AssertRefused(Check(_new), Headers($"{Id}x", Now, signature), "does not match");
        AssertRefused(Check(_new), Headers(Id, At(1), signature), "does not match");
        foreach (var other in (string[])["", " ", Body + " ", Body.Replace('1', '2'), Body[..^1]])
            AssertRefused(Check(_new), Headers(Id, Now, signature), "does not match", other);
    }

    [Theory]
    [InlineData("webhook-id"), InlineData("webhook-timestamp"), InlineData("webhook-signature")]
    public void A_header_that_is_missing_empty_or_there_twice_is_refused(string name)
    {
        var headers = Headers(Id, Now, Signature(_new));
        var value = headers[name].ToString();
        foreach (var values in (string[][])[[], [""], [value, value], [value, "x"]])
        {
            headers[name] = values;
            AssertRefused(Check(_new), headers, "are needed, once each");
        }
    }

    [Theory]
    [InlineData("v1"), InlineData("v1,"), InlineData(","), InlineData("v1,!!!")]
    [InlineData("v1,AAAA"), InlineData("v1,===="), InlineData("v1, "), InlineData("v1,ä")]
    public void A_malformed_signature_is_refused_and_nothing_more(string signature) =>
        AssertRefused(Check(_new), Headers(Id, Now, signature), "does not match");

    [Theory]
    [InlineData("v1a,"), InlineData("v2,"), InlineData("V1,"), InlineData("v1:"), InlineData("")]
    public void A_good_signature_under_another_version_is_refused(string version) =>
        AssertRefused(Check(_new), Headers(Id, Now, version + Signature(_new)["v1,".Length..]), "does not match");

    [Theory]
    [InlineData("soon"), InlineData("-1"), InlineData("1.5"), InlineData("1e9")]
    [InlineData(" 1"), InlineData("99999999999999999999"), InlineData("2026-01-15T10:30:00Z")]
    public void A_time_is_whole_seconds(string time) => AssertRefused(Check(_new), Headers(Id, time, Signature(_new)), "whole seconds since 1970");

    [Theory]
    [InlineData("0"), InlineData("9223372036854775807")]
    public void A_time_far_away_is_refused_without_harm(string time) => AssertRefused(Check(_new), Headers(Id, time, Signature(_new, at: time)), "from now");

    [Fact]
    public void Long_inputs_are_refused_without_harm()
    {
        var longest = new string('A', 100_000);
        AssertRefused(Check(_new), Headers(longest, Now, $"v1,{longest}"), "does not match");
        AssertRefused(Check(_new), Headers(Id, longest, Signature(_new)), "whole seconds");
        AssertRefused(Check(_new), Headers(Id, Now, string.Join(' ', Enumerable.Repeat("v1,AAAA", 10_000))), "does not match");
        Assert.Null(Check(_new).Refuse(Headers(longest, Now, Signature(_new, id: longest, body: longest)), Encoding.UTF8.GetBytes(longest)));
    }

    [Theory]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", false)]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", false)]
    [InlineData("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", false)]
    [InlineData("whsec_", false)]
    [InlineData("", false)]
    public void A_secret_is_whsec_and_at_least_24_bytes_in_base64(string secret, bool isWellFormed) =>
        Assert.Equal(isWellFormed, SignatureOptions.IsWellFormed(secret));

    [Fact]
    public void Without_secrets_no_signature_is_asked_for()
    {
        Assert.False(Check().IsRequired);
        Assert.True(Check(_old).IsRequired);
    }

    /// <summary>As the specification says it, with nothing of the service's.</summary>
    internal static string Sign(string secret, string id, string at, string body) =>
        $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{at}.{body}")))}";

    internal static string NewSecret(int seed, int bytes) =>
        $"whsec_{Convert.ToBase64String(Enumerable.Range(0, bytes).Select(i => (byte)(i * 7 + seed)).ToArray())}";

    private static HeaderDictionary Headers(string id, string time, string signature) =>
        new() { ["webhook-id"] = id, ["webhook-timestamp"] = time, ["webhook-signature"] = signature };

    private static void AssertRefused(SignatureCheck check, HeaderDictionary headers, string detail, string body = Body)
    {
        var problem = check.Refuse(headers, Encoding.UTF8.GetBytes(body));
        Assert.Equal((401, "invalid_signature"), (problem?.Status, problem?.Error));
        Assert.Contains(detail, problem!.Detail, StringComparison.Ordinal);
    }

    private string At(int seconds) => (_clock.GetUtcNow().ToUnixTimeSeconds() + seconds).ToString(CultureInfo.InvariantCulture);

    private string Signature(string secret, string id = Id, string? at = null, string body = Body) => Sign(secret, id, at ?? Now, body);

    private SignatureCheck Check(params string[] secrets) => new(Options.Create(new SignatureOptions { Secrets = secrets }), _clock);
}
