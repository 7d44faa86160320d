using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace AppHost.Tests.Browser;

/// <summary>The pages give nothing away and run nothing that others wrote.</summary>
public class SecurityTests(RunningSystem system, Chromium browser)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/account", "/login")]
    [InlineData("/account/history.csv", "/login")]
    [InlineData("/admin", "/admin/login")]
    [InlineData("/admin/transactions", "/admin/login")]
    [InlineData("/admin/transactions.csv", "/admin/login")]
    [InlineData("/consumer", "/consumer/link")]
    [InlineData("/consumer/deliveries", "/consumer/link")]
    public async Task A_page_without_its_session_leads_to_the_log_in(string path, string logIn)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = system.Client.BaseAddress };
        using var response = await client.GetAsync(path, Stop);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.StartsWith(logIn, response.Headers.Location!.IsAbsoluteUri ? response.Headers.Location.AbsolutePath : response.Headers.Location.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_runs_no_inline_script_and_is_framed_by_nobody_and_kept_by_no_cache()
    {
        using var response = await system.Client.GetAsync("/login", Stop);
        var policy = string.Join(";", response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact(Timeout = 240_000)]
    public async Task No_key_is_in_a_cookie_that_scripts_read_in_storage_in_the_page_or_in_the_url()
    {
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.LogInAsOperatorAsync();
        await page.ShowAsync("/admin/transactions");
        var seen = await page.EvaluateAsync<string>(
            "document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href + document.documentElement.outerHTML");
        Assert.DoesNotContain(Visitors.AdminKey, seen, StringComparison.Ordinal);
        var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "aspirewebhooks-operator");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);
        Assert.DoesNotContain(Visitors.AdminKey, cookie.Value, StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await page.WaitForURLAsync("**/admin/login");
        await page.GotoAsync("/admin/transactions");
        Assert.Contains("/admin/login", page.Url, StringComparison.Ordinal);
    }

    [Fact(Timeout = 240_000)]
    public async Task What_others_wrote_is_shown_as_text()
    {
        const string Evil = "<img src=x onerror=\"document.title='owned'\">";
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        var customer = $"cust_{Guid.NewGuid():N}";
        var charge = await system.SendAsAdminAsync(HttpMethod.Post, "/charges", new JsonObject
        {
            ["customer_id"] = customer,
            ["amount"] = 5,
            ["stripe_payment_method"] = "pm_card_visa",
            ["metadata"] = new JsonObject { ["note"] = Evil },
        });
        await page.LogInAsOperatorAsync();
        await page.ShowAsync($"/admin/charges/{charge.GetProperty("id").GetString()}");
        await Assertions.Expect(page.GetByText("onerror=").First).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator("main img").CountAsync());
        Assert.DoesNotContain("owned", await page.TitleAsync(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_form_from_another_site_does_nothing()
    {
        using var response = await system.Client.PostAsync("/admin/log-out", new FormUrlEncodedContent([]), Stop);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
