using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Tests;

public class AdminKeyTests
{
    private const string Admin = "admin-0123456789abcdef";
    private const string OtherAdmin = "another-admin-key-0123";
    private const string Ordinary = "k-0123456789abcdefABCDEF";

    private static readonly (string, string)[] All = [("Auth__AdminKeys__0", Admin), ("Auth__AdminKeys__1", OtherAdmin), ("Auth__ApiKeys__0", Ordinary)];

    [Theory]
    [InlineData(200, "X-API-Key: " + Admin)]
    [InlineData(200, "X-API-Key: " + OtherAdmin)]
    [InlineData(200, "Authorization: Bearer " + Admin)]
    [InlineData(200, "X-API-Key: " + Admin, "Authorization: Bearer wrong-key-0123456789")]
    [InlineData(403, "X-API-Key: " + Ordinary)]
    [InlineData(403, "Authorization: Bearer " + Ordinary)]
    [InlineData(403, "X-API-Key: " + Ordinary, "Authorization: Bearer " + Admin)]
    [InlineData(401, "Accept: */*")]
    [InlineData(401, "X-API-Key:")]
    [InlineData(401, "X-API-Key: wrong-key-0123456789")]
    [InlineData(401, "X-API-Key: " + Admin + "x")]
    [InlineData(401, "X-API-Key: ADMIN-0123456789abcdef")]
    [InlineData(401, "X-API-Key: " + Admin, "X-API-Key: " + Admin)]
    [InlineData(401, "X-API-Key: " + Ordinary, "X-API-Key: " + Admin)]
    [InlineData(401, "Authorization: Bearer " + Admin, "Authorization: Bearer " + Admin)]
    [InlineData(401, "X-API-Key: wrong-key-0123456789", "Authorization: Bearer " + Admin)]
    [InlineData(401, "Authorization: Basic " + Admin)]
    public async Task Admin_paths_open_to_an_admin_key_alone(int status, params string[] headers)
    {
        await using var service = await StartAsync("Production", All);
        Assert.Equal(status, await StatusAsync(service, "/admin", headers));
    }

    [Theory]
    [InlineData(200, "X-API-Key: " + Admin)]
    [InlineData(200, "X-API-Key: " + Ordinary)]
    [InlineData(401, "Accept: */*")]
    public async Task An_admin_key_opens_what_an_ordinary_one_opens(int status, string header)
    {
        await using var service = await StartAsync("Production", All);
        Assert.Equal(status, await StatusAsync(service, "/closed", header));
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Development", "Auth__AllowAnonymous", "true")]
    [InlineData("Production", "Auth__AllowAnonymous", "true")]
    [InlineData("Production", "Auth__ApiKeys__0", Ordinary)]
    public async Task Without_an_admin_key_nobody_gets_in_and_the_answer_names_the_setting(string environment, string? name = null, string? value = null)
    {
        await using var service = await StartAsync(environment, name is null ? [] : [(name, value!)]);
        using var response = await service.Http.GetAsync("/admin", TestContext.Current.CancellationToken);

        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().ToString());
        var problem = await response.ProblemAsync();
        Assert.Equal("unauthorized", problem.GetProperty("error").GetString());
        Assert.Contains("Auth__AdminKeys__0", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ordinary_key_is_told_that_an_admin_key_is_wanted()
    {
        await using var service = await StartAsync("Production", All);
        service.Http.DefaultRequestHeaders.Add("X-API-Key", Ordinary);
        using var response = await service.Http.GetAsync("/admin", TestContext.Current.CancellationToken);

        Assert.Equal(403, (int)response.StatusCode);
        var problem = await response.ProblemAsync();
        Assert.Equal("forbidden", problem.GetProperty("error").GetString());
        Assert.Contains("Auth__AdminKeys__n", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_key_can_be_configured_by_its_hash_which_is_no_key_itself()
    {
        await using var service = await StartAsync("Development", ("Auth__AdminKeys__0", Hashed(Admin)));
        Assert.Equal(200, await StatusAsync(service, "/admin", $"X-API-Key: {Admin}"));
        Assert.Equal(401, await StatusAsync(service, "/admin", $"X-API-Key: {Hashed(Admin)}"));
    }

    [Fact]
    public async Task An_admin_key_alone_does_not_close_what_is_open()
    {
        await using var service = await StartAsync("Development", ("Auth__AdminKeys__0", Admin));
        Assert.Equal(200, await StatusAsync(service, "/closed", "Accept: */*"));
        Assert.Equal(401, await StatusAsync(service, "/admin", "Accept: */*"));
    }

    [Theory]
    [InlineData("Auth__AllowAnonymous=true", "Auth__AdminKeys__0", Admin)]
    [InlineData("Auth__AdminKeys__n: each must be", "Auth__AdminKeys__0", "short", "Auth__AllowAnonymous", "true")]
    [InlineData("Auth__AdminKeys__n: each must be", "Auth__AdminKeys__0", "", "Auth__AllowAnonymous", "true")]
    [InlineData("Auth__AdminKeys__n: each must be", "Auth__AdminKeys__0", "sha256:abc", "Auth__AllowAnonymous", "true")]
    [InlineData("is also one of Auth__ApiKeys__n", "Auth__AdminKeys__0", Admin, "Auth__ApiKeys__0", Admin)]
    [InlineData("serves in Development only", "Auth__AdminKeys__0", AuthOptions.DevelopmentAdminKey, "Auth__AllowAnonymous", "true")]
    public async Task What_would_let_too_many_in_is_refused_at_start_by_its_name(string message, params string[] settings)
    {
        var pairs = settings.Chunk(2).Select(pair => (pair[0], pair[1]));
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("Production", [.. pairs]));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_both_is_found_out_also_by_its_hash()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync("Production", ("Auth__AdminKeys__0", Hashed(Admin)), ("Auth__ApiKeys__0", Admin)));
        Assert.Contains("is also one of Auth__ApiKeys__n", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_development_key_serves_in_Development()
    {
        await using var service = await StartAsync("Development", ("Auth__AdminKeys__0", AuthOptions.DevelopmentAdminKey));
        Assert.Equal(200, await StatusAsync(service, "/admin", $"X-API-Key: {AuthOptions.DevelopmentAdminKey}"));
    }

    private static string Hashed(string key) => "sha256:" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static async Task<int> StatusAsync(TestService service, string path, params string[] headers)
    {
        var answer = await service.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{string.Join("\r\n", headers)}\r\nConnection: close\r\n\r\n");
        return int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
    }

    private static Task<TestService> StartAsync(string environment, params (string Name, string Value)[] settings) => TestService.StartAsync(
        app =>
        {
            app.MapGet("/closed", () => "in").RequireApiKey(app.Services);
            app.MapGet("/admin", () => "in").RequireAdminKey();
        },
        environment: environment,
        settings: settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)));
}
