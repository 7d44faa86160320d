using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Tests;

public class ApiKeyTests
{
    private const string Key = "k-0123456789abcdefABCDEF";
    private const string OtherKey = "another-key-of-ours-0123";

    private static readonly string Hashed = "sha256:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key)));

    [Theory]
    [InlineData("X-API-Key: " + Key)]
    [InlineData("x-api-key: " + Key)]
    [InlineData("X-API-Key: " + OtherKey)]
    [InlineData("Authorization: Bearer " + Key)]
    [InlineData("authorization: bearer " + Key)]
    public async Task A_key_of_ours_opens(string header) => Assert.Equal(200, await StatusAsync([Key, OtherKey], header));

    [Theory]
    [InlineData("Host: localhost")]
    [InlineData("X-API-Key:")]
    [InlineData("X-API-Key: wrong-key-0123456789")]
    [InlineData("X-API-Key: K-0123456789ABCDEFabcdef")]
    [InlineData("X-API-Key: " + Key + "x")]
    [InlineData("X-API-Key: " + Key + ", " + Key)]
    [InlineData("X-API-Key: " + Key, "X-API-Key: " + Key)]
    [InlineData("Authorization: Bearer " + Key, "Authorization: Bearer " + Key)]
    [InlineData("Authorization: Bearer")]
    [InlineData("Authorization: Basic " + Key)]
    [InlineData("Authorization: " + Key)]
    public async Task Anything_else_is_401(params string[] headers) => Assert.Equal(401, await StatusAsync([Key, OtherKey], headers));

    [Fact]
    public async Task A_key_can_be_configured_by_its_hash_alone() => Assert.Equal(200, await StatusAsync([Hashed], $"X-API-Key: {Key}"));

    [Fact]
    public async Task The_hash_itself_is_no_key() => Assert.Equal(401, await StatusAsync([Hashed], $"X-API-Key: {Hashed}"));

    [Fact]
    public async Task A_refusal_says_how_to_send_a_key()
    {
        await using var service = await StartAsync("Production", new KeyValuePair<string, string>("Auth__ApiKeys__0", Key));
        using var response = await service.Http.GetAsync("/closed", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().ToString());
        var problem = await response.ProblemAsync();
        Assert.Equal("unauthorized", problem.GetProperty("error").GetString());
        Assert.Contains("X-API-Key", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory, InlineData("Production"), InlineData("Staging")]
    public async Task A_service_that_nobody_protected_does_not_start(string environment)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(environment));
        Assert.Contains("Auth__ApiKeys__0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Auth__AllowAnonymous=true", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_starts_open_when_somebody_said_so() =>
        await AssertOpenAsync("Production", new KeyValuePair<string, string>("Auth__AllowAnonymous", "true"));

    [Fact]
    public async Task It_starts_open_in_Development() => await AssertOpenAsync("Development");

    [Fact]
    public async Task In_Development_too_it_can_be_told_to_be_closed() =>
        await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync("Development", new KeyValuePair<string, string>("Auth__AllowAnonymous", "false")));

    [Fact]
    public async Task A_key_is_asked_for_where_one_is_configured_whatever_else_is_said()
    {
        await using var service = await StartAsync("Development", new("Auth__ApiKeys__0", Key), new("Auth__AllowAnonymous", "true"));
        using var response = await service.Http.GetAsync("/closed", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory, InlineData("short"), InlineData("sha256:abc"), InlineData("")]
    public async Task A_key_that_is_no_key_is_refused_at_start_by_the_settings_name(string key)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync("Production", new KeyValuePair<string, string>("Auth__ApiKeys__0", key)));
        Assert.Contains("Auth__ApiKeys__", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task AssertOpenAsync(string environment, params KeyValuePair<string, string>[] settings)
    {
        await using var service = await StartAsync(environment, settings);
        Assert.Equal("in", await service.Http.GetStringAsync("/closed", TestContext.Current.CancellationToken));
    }

    private static async Task<int> StatusAsync(string[] keys, params string[] headers)
    {
        await using var service = await StartAsync("Production", [.. keys.Select((key, i) => KeyValuePair.Create($"Auth__ApiKeys__{i}", key))]);
        var host = headers.Any(h => h.StartsWith("Host", StringComparison.Ordinal)) ? "" : "Host: localhost\r\n";
        var answer = await service.SendRawAsync($"GET /closed HTTP/1.1\r\n{host}{string.Join("\r\n", headers)}\r\nConnection: close\r\n\r\n");
        return int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task<TestService> StartAsync(string environment, params KeyValuePair<string, string>[] settings) => TestService.StartAsync(
        app => app.MapGet("/closed", () => "in").RequireApiKey(app.Services), environment: environment, settings: settings);
}
