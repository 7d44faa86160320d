using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Portal.Web.Tests.Payer;

/// <summary>The payer's pages as a browser gets them, before services that answer as the API does.</summary>
public sealed partial class PayerPagesTests : IAsyncLifetime
{
    private Backend _api = null!;
    private FrontDoor _door = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await Backend.StartAsync("api", AnswerAsync);
        _door = Tests.FrontDoor.Open(_api.Address, _api.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_session_every_page_is_closed()
    {
        foreach (var path in (string[])["/account", "/account/deposits/1", "/account/history", "/account/history.csv", "/account/nothing"])
        {
            using var answer = await _door.GetAsync(path);

            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal($"/login?return={Uri.EscapeDataString(path)}", answer.Headers.Location?.PathAndQuery);
        }
    }

    [Fact]
    public async Task The_CSV_has_every_page_of_the_filtered_history()
    {
        await LogInAsync();

        using var answer = await _door.GetAsync("/account/history.csv?type=deposit&status=failed");

        Assert.Equal(
            "id,type,status,amount,currency,bank_reference,error_message,description,created_at,updated_at,processed_at\r\n"
            + "2,deposit,failed,0.10,USD,,,'=1+1,2026-01-15T10:30:00.5Z,2026-01-15T10:30:00Z,\r\n"
            + "1,deposit,failed,0.10,USD,,,'=1+1,2026-01-15T10:30:00.5Z,2026-01-15T10:30:00Z,\r\n",
            (await answer.TextAsync()).TrimStart('\uFEFF'));
        Assert.Equal("attachment; filename=payments.csv", answer.Content.Headers.ContentDisposition?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task What_is_not_there_or_not_ones_own_is_a_page_that_says_so()
    {
        await LogInAsync();

        foreach (var path in (string[])["/account/deposits/404", "/account/withdrawals/404", "/account/deposits/abc", "/account/no/such/page"])
        {
            using var answer = await _door.GetAsync(path);

            Assert.Equal((HttpStatusCode.NotFound, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Contains("Not found</h1>", await answer.TextAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_others_wrote_is_shown_as_they_wrote_it_and_nothing_runs()
    {
        await LogInAsync();

        using var answer = await _door.GetAsync("/account/deposits/1");

        var page = await answer.TextAsync();
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_log_out_the_pages_are_closed()
    {
        var page = await LogInAsync();

        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", TokenIn(page))]);
        using var loggedOut = await _door.SendAsync(HttpMethod.Post, "/account/log-out", form);
        using var answer = await _door.GetAsync("/account/history");

        Assert.Equal("/login", loggedOut.Headers.Location?.ToString());
        Assert.Equal("/login?return=%2Faccount%2Fhistory", answer.Headers.Location?.PathAndQuery);
    }

    private async Task<string> LogInAsync()
    {
        using var login = await _door.GetAsync("/login");
        using var form = new FormUrlEncodedContent(
        [
            new("__RequestVerificationToken", TokenIn(await login.TextAsync())), new("_handler", "log-in"),
            new("Form.Email", "alice@example.com"), new("Form.ApiKey", "key"),
        ]);
        using var loggedIn = await _door.SendAsync(HttpMethod.Post, "/login", form);
        Assert.Equal(HttpStatusCode.Redirect, loggedIn.StatusCode);
        using var page = await _door.GetAsync("/account/history");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        return await page.TextAsync();
    }

    private static string TokenIn(string page) => AntiforgeryToken().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();

    private static Task AnswerAsync(HttpContext context)
    {
        var target = $"{context.Request.Path}{context.Request.QueryString}";
        var (status, body) = target switch
        {
            "/api/v1/auth/login" => (200, """{"user_id":7,"email":"alice@example.com","access_token":"token","expires_in":3600}"""),
            "/api/v1/deposits/1" => (200, Payment(1, "<script>alert(1)</script>")),
            "/api/v1/users/7/transactions?type=deposit&status=failed&limit=100" => (200, Page(2, "\"next\"")),
            "/api/v1/users/7/transactions?type=deposit&status=failed&cursor=next&limit=100" => (200, Page(1, "null")),
            "/api/v1/users/7/transactions?limit=50" => (200, Page(1, "null")),
            _ => (404, """{"error":"not_found","detail":"You have none."}"""),
        };
        context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer token" || target == "/api/v1/auth/login" ? status : 401;
        context.Response.ContentType = status == 200 ? "application/json" : "application/problem+json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    private static string Page(int id, string next) => $$"""{"items":[{{Payment(id, "=1+1")}}],"total":2,"has_more":false,"next_cursor":{{next}}}""";

    private static string Payment(int id, string description) =>
        $$"""
        {"id":{{id}},"user_id":7,"type":"deposit","status":"failed","amount":"0.10","currency":"USD","bank_reference":null,"error_message":null,
         "description":"{{description}}","created_at":"2026-01-15T10:30:00.5Z","updated_at":"2026-01-15T10:30:00Z","processed_at":null}
        """;
}
