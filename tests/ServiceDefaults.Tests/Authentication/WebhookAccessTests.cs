using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Tests.Authentication;

public class WebhookAccessTests
{
    private const string Admin = "admin-0123456789abcdef";
    private const string Ordinary = "k-0123456789abcdefABCDEF";
    private const string SigningKey = "a-signing-key-for-these-tests-0123456789";
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);
    private static readonly (string, string)[] Keys = [("Auth__AdminKeys__0", Admin), ("Auth__ApiKeys__0", Ordinary)];

    [Theory]
    [InlineData("200 all", "X-API-Key: " + Ordinary)]
    [InlineData("200 all", "Authorization: Bearer " + Ordinary)]
    [InlineData("200 all admin", "X-API-Key: " + Admin)]
    [InlineData("200 cust_42", "Authorization: Bearer $link")]
    [InlineData("401", "Authorization: Bearer $user")]
    [InlineData("401", "Authorization: Bearer $linkx")]
    [InlineData("401", "Authorization: Bearer a.b.c")]
    [InlineData("401", "X-API-Key: $link")]
    [InlineData("401", "X-API-Key: wrong-key-0123456789")]
    [InlineData("401", "Accept: */*")]
    [InlineData("200 all", "X-API-Key: " + Ordinary, "Authorization: Bearer $link")]
    public async Task Webhooks_open_to_a_key_and_for_its_customer_to_a_portal_link(string expected, params string[] headers)
    {
        await using var service = await StartAsync(Keys);
        Assert.Equal(expected, await AskAsync(service, "/webhooks", headers));
    }

    [Theory]
    [InlineData("200 all", "Accept: */*")]
    [InlineData("200 all", "X-API-Key: wrong-key-0123456789")]
    [InlineData("200 all admin", "X-API-Key: " + Admin)]
    [InlineData("200 cust_42", "Authorization: Bearer $link")]
    [InlineData("401", "Authorization: Bearer a.b.c")]
    [InlineData("401", "Authorization: Bearer $user")]
    public async Task Where_no_key_is_needed_a_link_opens_its_customers_all_the_same(string expected, string header)
    {
        await using var service = await StartAsync([("Auth__AdminKeys__0", Admin), ("Auth__AllowAnonymous", "true")]);
        Assert.Equal(expected, await AskAsync(service, "/webhooks", header));
    }

    [Fact]
    public async Task What_another_credential_protects_is_not_open_here()
    {
        await using var service = await StartAsync([], otherwise: true);
        Assert.Equal("401", await AskAsync(service, "/webhooks", "Accept: */*"));
        Assert.Equal("200 cust_42", await AskAsync(service, "/webhooks", "Authorization: Bearer $link"));
        Assert.Equal("401", await AskAsync(service, "/closed")); // Wallets and charges are not open because webhooks are signed.
    }

    [Theory]
    [InlineData("403", "/open")]
    [InlineData("403", "/closed")]
    [InlineData("403", "/mine")]
    [InlineData("403", "/admin")]
    [InlineData("403", "/alive")]
    [InlineData("404", "/nothing")]
    public async Task A_portal_link_opens_no_other_path(string expected, string path)
    {
        await using var service = await StartAsync(Keys);
        Assert.Equal(expected, await AskAsync(service, path, "Authorization: Bearer $link"));
        Assert.NotEqual("403", await AskAsync(service, path, "Authorization: Bearer a.b.c"));
    }

    [Theory]
    [InlineData("200 cust_42", 0)]
    [InlineData("200 cust_42", 60 + 29)]
    [InlineData("401", 60 + 31)]
    public async Task A_link_lives_as_long_as_it_was_said_to_and_half_a_minute_for_clocks_that_differ(string expected, int secondsLater)
    {
        await using var service = await StartAsync(Keys, Now.AddSeconds(secondsLater));
        Assert.Equal(expected, await AskAsync(service, "/webhooks", "Authorization: Bearer $link"));
    }

    [Fact]
    public void A_link_expires_at_the_second_that_its_token_says()
    {
        var (token, expiresAt) = Tokens(Now.AddMilliseconds(900)).IssueForWebhooks("cust_42", TimeSpan.FromSeconds(60));
        var claims = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token);
        Assert.Equal((Now.AddSeconds(60), Now.AddSeconds(60).UtcDateTime), (expiresAt, claims.ValidTo));
        Assert.Equal(("webhooks", "cust_42"), (claims.GetPayloadValue<string>("scope"), claims.GetPayloadValue<string>("customer_id")));
    }

    [Fact]
    public async Task Of_an_endpoint_that_does_not_ask_nobody_is_the_caller() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.FromResult(WebhookCaller.Of(new DefaultHttpContext())));

    [Theory]
    [InlineData(null, "cust_1", true), InlineData(null, null, true), InlineData("cust_1", "cust_1", true), InlineData("cust_1", "cust_2", false),
     InlineData("cust_1", null, false), InlineData("cust_1", "CUST_1", false)]
    public void A_customer_sees_their_own_alone(string? caller, string? owner, bool maySee) =>
        Assert.Equal(maySee, new WebhookCaller(caller, IsAdmin: false).MaySee(owner));

    private static AccessTokens Tokens(DateTimeOffset now) => new(Options.Create(new JwtOptions { SigningKeys = [SigningKey] }), new FakeTimeProvider(now));

    private static Task<string> AskAsync(TestService service, string path, params string[] headers) => UserTests.AskAsync(service, path,
    [
        .. headers.Select(header => header
            .Replace("$link", Tokens(Now).IssueForWebhooks("cust_42", TimeSpan.FromSeconds(60)).Token, StringComparison.Ordinal)
            .Replace("$user", Tokens(Now).Issue(1, isAdmin: true), StringComparison.Ordinal)),
    ]);

    private static Task<TestService> StartAsync((string Name, string Value)[] settings, DateTimeOffset? now = null, bool otherwise = false) =>
        TestService.StartAsync(
            app =>
            {
                app.MapGet("/webhooks", (HttpContext context) =>
                    $"who:{context.WebhookScope() ?? "all"}{(WebhookCaller.Of(context).IsAdmin ? " admin" : "")};").RequireWebhookAccess();
                app.MapGet("/open", () => "who:open;");
                app.MapGet("/closed", () => "who:open;").RequireApiKey(app.Services);
                app.MapGet("/admin", () => "who:an admin;").RequireAdminKey();
                app.MapGet("/mine", () => "who:user;").RequireUser();
            },
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(now ?? Now));
                builder.Services.AddSingleton(new UserTests.Users(_ => null));
                builder.AddUserAuthentication<UserTests.Users>((users, key, _) => Task.FromResult(users.Find(key)));
                builder.AddWebhookAuthentication();
                if (otherwise) builder.Services.PostConfigure<AuthOptions>(auth => auth.ProtectedOtherwise = true);
            },
            "Production",
            [new("Auth__Jwt__SigningKeys__0", SigningKey), .. settings.Select(s => KeyValuePair.Create(s.Name, s.Value))]);
}
