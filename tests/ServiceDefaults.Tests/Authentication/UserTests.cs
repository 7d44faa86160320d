using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Tests.Authentication;

public class UserTests
{
    private const string Alice = "ak_alice";
    private const string Root = "ak_root";
    private const string Admin = "admin-0123456789abcdef";
    private const string Dotted = "admin.0123456789.abcdef";
    private const string Ordinary = "k-0123456789abcdefABCDEF";

    [Theory]
    [InlineData("200 1 user", "X-API-Key: " + Alice)]
    [InlineData("200 1 user", "x-api-key: " + Alice)]
    [InlineData("200 1 user", "Authorization: Bearer " + Alice)]
    [InlineData("200 1 user", "authorization: bearer " + Alice)]
    [InlineData("200 2 admin", "X-API-Key: " + Root)]
    [InlineData("200 0 admin", "X-API-Key: " + Admin)]
    [InlineData("200 0 admin", "Authorization: Bearer " + Admin)]
    [InlineData("200 0 admin", "Authorization: Bearer " + Dotted)]
    [InlineData("200 1 user", "X-API-Key: " + Alice, "Authorization: Bearer " + Root)]
    [InlineData("403", "X-API-Key: " + Ordinary)]
    [InlineData("403", "Authorization: Bearer " + Ordinary)]
    [InlineData("401", "Accept: */*")]
    [InlineData("401", "X-API-Key:")]
    [InlineData("401", "X-API-Key: ak_nobody")]
    [InlineData("401", "X-API-Key: AK_ALICE")]
    [InlineData("401", "X-API-Key: " + Alice, "X-API-Key: " + Alice)]
    [InlineData("401", "X-API-Key: " + Alice, "X-API-Key: " + Admin)]
    [InlineData("401", "X-API-Key: " + Alice + ", " + Alice)]
    [InlineData("401", "Authorization: Bearer " + Alice, "Authorization: Bearer " + Alice)]
    [InlineData("401", "Authorization: Bearer")]
    [InlineData("401", "Authorization: Bearer ")]
    [InlineData("401", "Authorization: Basic " + Alice)]
    [InlineData("401", "Authorization: " + Alice)]
    [InlineData("401", "X-API-Key: ak_nobody", "Authorization: Bearer " + Alice)]
    [InlineData("401", "Authorization: Bearer ..")]
    [InlineData("401", "Authorization: Bearer a.b.c")]
    public async Task A_users_endpoint_opens_to_a_user_or_an_admin_key_and_says_who_it_is(string expected, params string[] headers)
    {
        await using var service = await StartAsync();
        Assert.Equal(expected, await AskAsync(service, "/mine", headers));
    }

    [Theory]
    [InlineData("200 an admin", "X-API-Key: " + Admin)]
    [InlineData("403", "X-API-Key: " + Alice)]
    [InlineData("403", "X-API-Key: " + Root)]
    [InlineData("403", "Authorization: Bearer " + Root)]
    [InlineData("403", "Authorization: Bearer $token")]
    [InlineData("403", "X-API-Key: " + Ordinary)]
    [InlineData("401", "X-API-Key: ak_nobody")]
    [InlineData("401", "X-API-Key: $token")]
    [InlineData("401", "Authorization: Bearer a.b.c")]
    [InlineData("401", "Accept: */*")]
    public async Task Administration_tells_a_user_and_an_administrator_among_them_that_an_admin_key_is_wanted(string expected, string header)
    {
        await using var service = await StartAsync(settings: ("Auth__Jwt__SigningKeys__0", "a-signing-key-for-these-tests-0123456789"));
        var token = service.Services.GetRequiredService<AccessTokens>().Issue(2, isAdmin: true);
        Assert.Equal(expected, await AskAsync(service, "/admin", header.Replace("$token", token, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/mine", "No credential came", "Accept: */*")]
    [InlineData("/closed", "No credential came", "Accept: */*")]
    [InlineData("/admin", "No credential came", "Accept: */*")]
    [InlineData("/mine", "is no user's", "X-API-Key: ak_nobody")]
    [InlineData("/closed", "none of Auth__ApiKeys__n", "X-API-Key: ak_nobody")]
    [InlineData("/admin", "is not known here", "X-API-Key: ak_nobody")]
    [InlineData("/mine", "not valid, or not any more", "Authorization: Bearer a.b.c")]
    [InlineData("/mine", "more than once", "X-API-Key: " + Alice, "X-API-Key: " + Alice)]
    [InlineData("/mine", "more than once", "Authorization: Bearer " + Alice, "Authorization: Bearer " + Alice)]
    [InlineData("/mine", "without a value", "X-API-Key:")]
    [InlineData("/mine", "Bearer KEY", "Authorization: Basic " + Alice)]
    public async Task A_refusal_tells_a_credential_that_did_not_come_from_one_that_is_wrong(string path, string detail, params string[] headers)
    {
        await using var service = await StartAsync();
        var answer = await service.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{string.Join("\r\n", headers)}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nWWW-Authenticate: Bearer", answer, StringComparison.Ordinal);
        Assert.Contains("\"error\":\"unauthorized\"", answer, StringComparison.Ordinal);
        Assert.Contains(
            detail, answer.Replace("\\u0027", "'", StringComparison.Ordinal).Replace("\\u0060", "`", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_wants_no_user_looks_for_none()
    {
        await using var service = await StartAsync(_ => throw new InvalidOperationException("asked"));
        Assert.Equal("200 open", await AskAsync(service, "/open", $"X-API-Key: {Alice}"));
        Assert.Equal("200 open", await AskAsync(service, "/closed", $"X-API-Key: {Ordinary}"));
        Assert.Equal("401", await AskAsync(service, "/closed", $"X-API-Key: {Alice}"));
    }

    [Fact]
    public async Task Refusals_say_what_is_wanted()
    {
        await using var service = await StartAsync();
        using var nothing = await service.Http.GetAsync("/mine", TestContext.Current.CancellationToken);
        Assert.Equal(
            ("unauthorized", "Bearer"),
            ((await nothing.ProblemAsync()).GetProperty("error").GetString(), nothing.Headers.WwwAuthenticate.Single().ToString()));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/mine") { Headers = { { "X-API-Key", Ordinary } } };
        using var ordinary = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var problem = await ordinary.ProblemAsync();
        Assert.Equal("forbidden", problem.GetProperty("error").GetString());
        Assert.Contains("user's key", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);

        using var bad = new HttpRequestMessage(HttpMethod.Get, "/mine") { Headers = { { "Authorization", "Bearer a.b.c" } } };
        using var token = await service.Http.SendAsync(bad, TestContext.Current.CancellationToken);
        Assert.Contains("/api/v1/auth/login", (await token.ProblemAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_says_that_a_key_or_a_token_is_wanted()
    {
        await using var service = await StartAsync();
        using var response = await service.Http.GetAsync("/openapi/shop.json", TestContext.Current.CancellationToken);
        var operation = (await response.JsonAsync()).GetProperty("paths").GetProperty("/mine").GetProperty("get");
        Assert.Equal(["UserKey", "AccessToken"], operation.GetProperty("security").EnumerateArray().Select(way => way.EnumerateObject().Single().Name));
        var statuses = operation.GetProperty("responses").EnumerateObject().Select(answer => answer.Name);
        Assert.Equal(["401", "403"], statuses.Where(status => status[0] == '4').Order());
    }

    /// <summary>Asks as a caller does: <c>200 1 user</c>, or the status alone.</summary>
    internal static async Task<string> AskAsync(TestService service, string path, params string[] headers)
    {
        var answer = await service.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{string.Join("\r\n", headers)}\r\nConnection: close\r\n\r\n");
        var status = int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        return status == 200 ? $"200 {answer[(answer.IndexOf("who:", StringComparison.Ordinal) + 4)..].Split('\r', '\n', ';')[0]}" : $"{status}";
    }

    internal static Task<TestService> StartAsync(
        Func<string, (long, bool)?>? find = null, TimeProvider? clock = null, string environment = "Production",
        params (string Name, string Value)[] settings) =>
        TestService.StartAsync(
            app =>
            {
                app.MapGet("/open", () => "who:open;");
                app.MapGet("/admin", () => "who:an admin;").RequireAdminKey();
                app.MapGet("/closed", () => "who:open;").RequireApiKey(app.Services);
                app.MapGet("/mine", (HttpContext context) =>
                    Caller.Of(context) is var caller ? $"who:{caller.UserId} {(caller.IsAdmin ? "admin" : "user")};" : "").RequireUser();
            },
            builder =>
            {
                if (clock is not null) builder.Services.AddSingleton(clock);
                builder.Services.AddSingleton(new Users(find ?? (key => key switch { Alice => (1, false), Root => (2, true), _ => null })));
                builder.AddUserAuthentication<Users>((users, key, _) => Task.FromResult(users.Find(key)));
            },
            environment,
            [
                new("Auth__AdminKeys__0", Admin), new("Auth__AdminKeys__1", Dotted), new("Auth__ApiKeys__0", Ordinary),
                .. settings.Select(s => KeyValuePair.Create(s.Name, s.Value)),
            ]);

    internal sealed record Users(Func<string, (long, bool)?> Find);
}
