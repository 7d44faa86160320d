using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Portal.Web.Tests.Webhooks;

/// <summary>The pages of webhooks as a browser gets them, before services that answer as the API does.</summary>
public sealed partial class WebhookPagesTests : IAsyncLifetime
{
    private const string Endpoint =
        """
        {"id":"e1","url":"https://shop.example/","customer_id":"cust_42","event_types":[],"description":"<script>alert(1)</script>","payload_style":"envelope",
         "status":"enabled","disabled_because":null,"failing_since":null,"disabled_at":null,"previous_secret_until":null,"created_at":"2026-01-15T10:30:00Z"}
        """;

    private static readonly string Token = $"{Part("""{"alg":"HS256"}""")}.{Part("""{"customer_id":"cust_42","exp":32503680000}""")}.{Part("signature")}";

    private readonly ConcurrentQueue<string> _asked = new();
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

    [Theory]
    [InlineData("/consumer/endpoints/e1")]
    [InlineData("/consumer/deliveries/d1")]
    public async Task What_others_wrote_is_shown_as_they_wrote_it_and_nothing_runs(string path)
    {
        await OpenLinkAsync();

        var page = await PageAsync(path);

        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "portal-link")]
    [InlineData("/endpoints/e1", "portal-link")]
    [InlineData("/deliveries", "retry-deliveries")]
    [InlineData("/event-types", "operations.dead_letter")]
    public async Task What_is_for_operators_is_not_on_a_consumers_page(string path, string mark)
    {
        await OpenLinkAsync();
        await LogInAsync();

        Assert.DoesNotContain(mark, await PageAsync($"/consumer{path}"), StringComparison.Ordinal);
        Assert.Contains(mark, await PageAsync($"/admin{(path.Length == 0 ? "/endpoints" : path)}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/consumer", "portal-link")]
    [InlineData("/consumer/deliveries", "retry-deliveries")]
    public async Task A_consumer_cannot_send_a_form_of_operators(string path, string handler)
    {
        await OpenLinkAsync();
        using var form = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", TokenIn(await PageAsync("/consumer"))), new("_handler", handler), new("Form.Step", "send")]);

        using var answer = await _door.SendAsync(HttpMethod.Post, path, form);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain(_asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/consumer/endpoints/e2")]
    [InlineData("/consumer/deliveries/d2")]
    [InlineData("/consumer/no/such/page")]
    public async Task What_is_not_there_or_anothers_is_a_page_that_says_so(string path)
    {
        await OpenLinkAsync();

        using var answer = await _door.GetAsync(path);

        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("<h1", await answer.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_CSV_has_every_page_of_the_filtered_deliveries()
    {
        await OpenLinkAsync();

        using var answer = await _door.GetAsync("/consumer/deliveries.csv?status=failed");

        var lines = (await answer.TextAsync()).TrimStart('\uFEFF').Split("\r\n");
        Assert.Equal(["id", "d1", "d1", ""], lines.Select(line => line.Split(',')[0]));
        Assert.Contains(",'=1+1,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_the_form_has_another_key_then()
    {
        await OpenLinkAsync();
        var before = await PageAsync("/consumer/endpoints/e1");
        using var form = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", TokenIn(before)), new("_handler", "rotate-secret"), new("Form.Key", "b0d7a1c34e5f46a78b9c0d1e2f3a4b5c")]);

        using var answer = await _door.SendAsync(HttpMethod.Post, "/consumer/endpoints/e1", form);

        var page = await answer.TextAsync();
        Assert.Contains("whsec_new", page, StringComparison.Ordinal);
        Assert.DoesNotContain("b0d7a1c34e5f46a78b9c0d1e2f3a4b5c", page, StringComparison.Ordinal);
        Assert.Contains("POST /webhooks/endpoints/e1/rotate-secret b0d7a1c34e5f46a78b9c0d1e2f3a4b5c", _asked);
        Assert.DoesNotContain("whsec_new", await PageAsync("/consumer/endpoints/e1"), StringComparison.Ordinal);
    }

    private async Task OpenLinkAsync()
    {
        using var answer = await _door.GetAsync($"/consumer?token={Token}");
        Assert.Equal("/consumer", answer.Headers.Location?.ToString());
    }

    private async Task LogInAsync()
    {
        using var form = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", TokenIn(await PageAsync("/admin/login"))), new("_handler", "operator-log-in"), new("Form.Key", "key")]);
        using var answer = await _door.SendAsync(HttpMethod.Post, "/admin/login", form);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    private async Task<string> PageAsync(string path)
    {
        using var answer = await _door.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.TextAsync();
    }

    private static string TokenIn(string page) => AntiforgeryToken().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();

    private static string Part(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));

    private Task AnswerAsync(HttpContext context)
    {
        var target = $"{context.Request.Path}{context.Request.QueryString}";
        _asked.Enqueue($"{context.Request.Method} {target} {context.Request.Headers["Idempotency-Key"]}".TrimEnd());
        var (status, body) = target.Split('?')[0] switch
        {
            "/admin/dead-letters" => (200, """{"data":[],"next_cursor":null}"""),
            "/webhooks/event-types" => (200, $"[{Type("charge.succeeded")},{Type("operations.dead_letter")}]"),
            "/webhooks/endpoints" => (200, $"[{Endpoint}]"),
            "/webhooks/endpoints/e1" => (200, Endpoint),
            "/webhooks/endpoints/e1/rotate-secret" => (200, """{"endpoint_id":"e1","secret":"whsec_new","previous_secret_until":"2999-01-15T10:30:00Z"}"""),
            "/webhooks" => (200, $"[{Delivery}]"),
            "/webhooks/d1" => (200, Delivery),
            _ => (404, """{"error":"not_found","detail":"There is none."}"""),
        };
        if (target == "/webhooks?status=failed&limit=200") context.Response.Headers.Link = "</webhooks?limit=200&cursor=n-_x>; rel=\"next\"";
        if (target.Contains("&cursor=", StringComparison.Ordinal) && target != "/webhooks?status=failed&limit=200&cursor=n-_x") status = 500;
        context.Response.StatusCode = status;
        context.Response.ContentType = status == 200 ? "application/json" : "application/problem+json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    private static string Type(string type) => $$"""{"schema":{},"example":{},"description":"","type":"{{type}}"}""";

    private const string Delivery =
        """
        {"id":"d1","event_id":"evt_1","event_type":"charge.succeeded","endpoint_id":"e1","url":"https://shop.example/","status":"failed","attempts":1,
         "response_status":500,"error_message":"=1+1","payload":{"data":"<script>alert(1)</script>"},"created_at":"2026-01-15T10:30:00Z",
         "next_attempt_at":null,"processed_at":"2026-01-15T10:30:00Z","attempts_log":[{"number":1,"sent_at":"2026-01-15T10:30:00Z","response_status":500,
         "duration_ms":3,"error_message":"failed","response_body":"<script>alert(1)</script>"}]}
        """;
}
