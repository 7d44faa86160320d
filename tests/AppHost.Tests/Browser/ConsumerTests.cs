using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace AppHost.Tests.Browser;

/// <summary>The way of a receiver of webhooks: by a portal link, an endpoint of its own, a test event, and nothing of others.</summary>
public class ConsumerTests(RunningSystem system, Chromium browser)
{
    [Fact(Timeout = 240_000)]
    public async Task A_consumer_creates_an_endpoint_sees_its_secret_once_and_a_test_event_arrive()
    {
        var customer = $"cust_{Guid.NewGuid():N}";
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        var complaints = page.Complaints();
        await page.OpenLinkAsync(system, customer);
        await page.WaitForURLAsync("**/consumer");
        Assert.DoesNotContain("token", page.Url, StringComparison.Ordinal);

        await page.GetByText("New endpoint").First.ClickAsync();
        await page.GetByLabel("URL", new() { Exact = false }).First.FillAsync(new Uri(system.Client.BaseAddress!, "/sandbox/inbox").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await Assertions.Expect(page.GetByText("whsec_").First).ToBeVisibleAsync();

        await page.ShowAsync("/consumer");
        await Assertions.Expect(page.GetByText("whsec_")).ToHaveCountAsync(0);
        await page.Locator("main a[href^='/consumer/endpoints/']").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send it" }).ClickAsync();
        await page.ShowAsync("/consumer/deliveries");
        await Assertions.Expect(page.Locator("table[data-rows] tbody tr")).ToHaveCountAsync(1);
        Assert.Empty(complaints);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_consumer_sees_nothing_of_another_by_changing_an_id()
    {
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        var other = await system.SendAsAdminAsync(HttpMethod.Post, "/webhooks/endpoints", new JsonObject
        {
            ["url"] = new Uri(system.Client.BaseAddress!, "/sandbox/inbox").ToString(),
            ["customer_id"] = $"cust_{Guid.NewGuid():N}",
        });
        await page.OpenLinkAsync(system, $"cust_{Guid.NewGuid():N}");
        await page.GotoAsync($"/consumer/endpoints/{other.GetProperty("id").GetString()}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Not found");
    }

    [Fact(Timeout = 240_000)]
    public async Task A_link_that_is_not_valid_says_how_to_get_another()
    {
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.GotoAsync("/consumer?token=eyJhbGciOiJIUzI1NiJ9.eyJjdXN0b21lcl9pZCI6ImN1c3RfNDIifQ.c2ln");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Your link has expired");
    }
}
