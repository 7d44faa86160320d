using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Tests.Authentication;

public class AccessTokenTests
{
    private const string Old = "the-old-signing-key-0123456789abcdef";
    private const string New = "the-new-signing-key-0123456789abcdef";
    private const string NotOurs = "a-signing-key-of-somebody-else-01234";
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_token_says_who_its_user_is()
    {
        Assert.Equal("200 17 user", await AskAsync(Tokens(New).Issue(17, isAdmin: false), New));
        Assert.Equal("200 18 admin", await AskAsync(Tokens(New).Issue(18, isAdmin: true), New));
    }

    [Fact]
    public void A_token_is_a_JWT_by_HS256_with_the_claims_of_the_contract()
    {
        var parts = Tokens(New).Issue(17, isAdmin: true).Split('.');
        Assert.Equal(("HS256", "JWT"), (Member(parts[0], "alg"), Member(parts[0], "typ")));
        Assert.Equal(
            ("17", "admin", "aspirewebhooks", "aspirewebhooks-api"),
            (Member(parts[1], "sub"), Member(parts[1], "role"), Member(parts[1], "iss"), Member(parts[1], "aud")));
        Assert.Equal($"{Now.ToUnixTimeSeconds() + 3600}", Member(parts[1], "exp"));
        Assert.Equal(Sign($"{parts[0]}.{parts[1]}", New), parts[2]);
    }

    /// <summary>Header, changes of the payload, and how it is signed; everything else is as it should be.</summary>
    [Theory]
    [InlineData("200 1 user", Header, "{}")]
    [InlineData("200 1 admin", Header, """{"role":"admin"}""")]
    [InlineData("200 1 user", Header, """{"role":"Admin"}""")]
    [InlineData("401", """{"alg":"none","typ":"JWT"}""", "{}")]
    [InlineData("401", """{"alg":"none","typ":"JWT"}""", "{}", "")]
    [InlineData("401", """{"alg":"None","typ":"JWT"}""", "{}", "")]
    [InlineData("401", """{"alg":"RS256","typ":"JWT"}""", "{}")]
    [InlineData("401", """{"alg":"HS384","typ":"JWT"}""", "{}", "HS384")]
    [InlineData("401", """{"alg":"HS512","typ":"JWT"}""", "{}", "HS512")]
    [InlineData("401", """{"alg":"HS256","typ":"at+jwt"}""", "{}")]
    [InlineData("401", """{"typ":"JWT"}""", "{}")]
    [InlineData("401", """{"alg":"HS256","typ":"JWT","crit":["exp"],"exp":1}""", "{}")]
    [InlineData("401", """{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":true}""", "{}")]
    [InlineData("401", """{"alg":"HS256","typ":"JWT","crit":[]}""", "{}")]
    [InlineData("401", """{"alg":"HS256","typ":"JWT","crit":null}""", "{}")]
    [InlineData("200 1 user", """{"alg":"HS256","typ":"JWT","kid":"1"}""", """{"crit":["exp"]}""")]
    [InlineData("401", "not json", "{}")]
    [InlineData("401", Header, "{}", "")]
    [InlineData("401", Header, "{}", "tampered")]
    [InlineData("401", Header, "{}", "other key")]
    [InlineData("401", Header, """{"iss":"somebody"}""")]
    [InlineData("401", Header, """{"iss":null}""")]
    [InlineData("401", Header, """{"aud":"somebody"}""")]
    [InlineData("401", Header, """{"aud":null}""")]
    [InlineData("401", Header, """{"exp":null}""")]
    [InlineData("401", Header, """{"exp":"soon"}""")]
    [InlineData("401", Header, """{"exp":1e400}""")]
    [InlineData("401", Header, """{"sub":null}""")]
    [InlineData("401", Header, """{"sub":"0"}""")]
    [InlineData("401", Header, """{"sub":"-1"}""")]
    [InlineData("401", Header, """{"sub":"alice"}""")]
    [InlineData("401", Header, """{"sub":"99999999999999999999"}""")]
    [InlineData("401", Header, """{"sub":["1","2"]}""")]
    public async Task Only_a_token_that_is_ours_in_every_part_opens(string expected, string header, string changes, string signature = "HS256") =>
        Assert.Equal(expected, await AskAsync(Made(header, changes, signature), New));

    [Theory]
    [InlineData("401", -31, 3600)]
    [InlineData("200 1 user", -29, 3600)]
    [InlineData("200 1 user", 0, 3600)]
    [InlineData("200 1 user", 3600 + 29, 3600)]
    [InlineData("401", 3600 + 31, 3600)]
    [InlineData("200 1 user", 60 + 29, 60)]
    [InlineData("401", 60 + 31, 60)]
    public async Task A_token_lives_as_long_as_it_is_said_to_and_half_a_minute_for_clocks_that_differ(string expected, int secondsLater, int lifetime)
    {
        var token = Tokens(TimeSpan.FromSeconds(lifetime), New).Issue(1, isAdmin: false);
        Assert.Equal(expected, await AskAsync(token, Now.AddSeconds(secondsLater), New));
    }

    [Fact]
    public async Task Keys_are_rotated_by_two_the_first_signs_and_both_verify()
    {
        var (old, both) = (Tokens(Old).Issue(1, isAdmin: false), Tokens(New, Old).Issue(1, isAdmin: false));
        Assert.Equal("200 1 user", await AskAsync(old, New, Old));
        Assert.Equal("200 1 user", await AskAsync(both, New));
        Assert.Equal("401", await AskAsync(old, New));
        Assert.Equal("401", await AskAsync(old));
    }

    [Fact]
    public async Task A_token_is_no_key()
    {
        await using var service = await StartAsync(Now, New);
        Assert.Equal("401", await UserTests.AskAsync(service, "/mine", $"X-API-Key: {Tokens(New).Issue(1, isAdmin: false)}"));
    }

    [Theory]
    [InlineData("Auth__Jwt__SigningKeys__n: each must be at least 32 bytes", "Auth__Jwt__SigningKeys__0", "31-bytes-are-not-enough-0123456")]
    [InlineData("Auth__Jwt__SigningKeys__n: each must be at least 32 bytes", "Auth__Jwt__SigningKeys__0", "")]
    [InlineData("serves in Development only", "Auth__Jwt__SigningKeys__0", JwtOptions.DevelopmentSigningKey)]
    [InlineData("Auth__Jwt__Lifetime must be between", "Auth__Jwt__Lifetime", "00:00:59")]
    [InlineData("Auth__Jwt__Lifetime must be between", "Auth__Jwt__Lifetime", "1.00:00:01")]
    public async Task What_would_make_tokens_worthless_is_refused_at_start_by_its_name(string message, string name, string value)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => UserTests.StartAsync(settings: (name, value)));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_development_key_serves_in_Development()
    {
        await using var service = await UserTests.StartAsync(
            environment: "Development", clock: new FakeTimeProvider(Now), settings: ("Auth__Jwt__SigningKeys__0", JwtOptions.DevelopmentSigningKey));
        var token = Tokens(JwtOptions.DevelopmentSigningKey).Issue(1, isAdmin: false);
        Assert.Equal("200 1 user", await UserTests.AskAsync(service, "/mine", $"Authorization: Bearer {token}"));
    }

    private static AccessTokens Tokens(params string[] keys) => Tokens(TimeSpan.FromHours(1), keys);

    private static AccessTokens Tokens(TimeSpan lifetime, params string[] keys) =>
        new(Options.Create(new JwtOptions { SigningKeys = keys, Lifetime = lifetime }), new FakeTimeProvider(Now));

    private static Task<string> AskAsync(string token, params string[] keys) => AskAsync(token, Now, keys);

    private static async Task<string> AskAsync(string token, DateTimeOffset now, params string[] keys)
    {
        await using var service = await StartAsync(now, keys);
        return await UserTests.AskAsync(service, "/mine", $"Authorization: Bearer {token}");
    }

    private static Task<TestService> StartAsync(DateTimeOffset now, params string[] keys) =>
        UserTests.StartAsync(clock: new FakeTimeProvider(now), settings: [.. keys.Select((key, i) => ($"Auth__Jwt__SigningKeys__{i}", key))]);

    private static string Made(string header, string changes, string signature)
    {
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = "aspirewebhooks",
            ["aud"] = "aspirewebhooks-api",
            ["sub"] = "1",
            ["exp"] = Now.ToUnixTimeSeconds() + 60,
        };
        foreach (var change in JsonElement.Parse(changes).EnumerateObject())
        {
            if (change.Value.ValueKind == JsonValueKind.Null) claims.Remove(change.Name);
            else claims[change.Name] = change.Value;
        }

        var text = $"{Encoded(header)}.{Encoded(JsonSerializer.Serialize(claims))}";
        return $"{text}." + signature switch
        {
            "" => "",
            "HS384" => Base64Url.EncodeToString(HMACSHA384.HashData(Encoding.UTF8.GetBytes(New), Encoding.UTF8.GetBytes(text))),
            "HS512" => Base64Url.EncodeToString(HMACSHA512.HashData(Encoding.UTF8.GetBytes(New), Encoding.UTF8.GetBytes(text))),
            "tampered" => Sign($"{text} ", New),
            "other key" => Sign(text, NotOurs),
            _ => Sign(text, New),
        };
    }

    private static string Sign(string text, string key) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text)));

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string Member(string part, string name) => JsonElement.Parse(Base64Url.DecodeFromChars(part)).GetProperty(name).ToString();
}
