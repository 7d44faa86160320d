using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Support;

namespace AppHost.Tests.Browser;

/// <summary>
/// Every page of each area, with data in it, on a wide screen in light and on a phone in dark: it shows its heading, axe finds nothing serious, nothing
/// sticks out sideways, the browser complains of nothing. With PICTURES=folder each is also looked at on a tablet and the other way round, and its pictures
/// are kept there. That takes minutes, so the tours of the areas are made with BROWSER=long or PICTURES alone; the pages without a session are looked at
/// always.
/// </summary>
public class TourTests(RunningSystem system, Chromium browser)
{
    private static readonly (int Width, bool IsDark)[] Looks = [(1440, false), (1440, true), (768, false), (390, false), (390, true)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Every_page_of_payers_is_good()
    {
        SkipUnlessLong();
        var (email, key) = await system.NewUserAsync();
        var deposit = await DepositAsync(key);
        await VisitAsync("payer", page => page.LogInAsync(email, key),
        [
            "/account", "/account/deposits", "/account/withdrawals", "/account/history?type=deposit", $"/account/deposits/{deposit}",
            "/account/nothing-here",
        ]);
    }

    [Fact(Timeout = 900_000)]
    public async Task Every_page_of_operators_is_good()
    {
        SkipUnlessLong();
        var customer = $"cust_{Guid.NewGuid():N}";
        var (email, key) = await system.NewUserAsync();
        var deposit = await DepositAsync(key);
        var user = (await system.SendAsAdminAsync(HttpMethod.Get, $"/api/v1/users?email={email}")).GetProperty("data")[0].GetProperty("user_id").GetInt64();
        var webhook = RunningSystem.Webhook();
        await system.SendAsync(webhook, Stop);
        await system.SendAsAdminAsync(HttpMethod.Post, "/wallets", new JsonObject { ["customer_id"] = customer });
        await system.SendAsAdminAsync(HttpMethod.Post, $"/wallets/{customer}/credit", new JsonObject { ["amount"] = 100 });
        var charge = await system.SendAsAdminAsync(HttpMethod.Post, "/charges", new JsonObject
        {
            ["customer_id"] = customer,
            ["amount"] = 130,
            ["stripe_payment_method"] = "pm_card_visa",
            ["split_instructions"] = new JsonArray(
                new JsonObject { ["destination"] = "seller_1", ["percent"] = 90 }, new JsonObject { ["destination"] = "platform", ["percent"] = 10 }),
        });
        var order = await system.SendAsAdminAsync(HttpMethod.Post, "/installments/orders", new JsonObject
        {
            ["customer_id"] = customer,
            ["amount"] = 90,
            ["installment_count"] = 3,
            ["stripe_payment_method"] = "pm_card_visa",
        });
        var (endpoint, delivery) = await DeliveryAsync(customer);
        await VisitAsync("operator", page => page.LogInAsOperatorAsync(),
        [
            "/admin", "/admin?window=24h", "/admin/search?q=nobody@example.com", "/admin/transactions",
            $"/admin/transactions/{webhook["transaction_id"]}", "/admin/payments", $"/admin/deposits/{deposit}", "/admin/users", $"/admin/users/{user}",
            "/admin/wallets", $"/admin/wallets/{customer}", $"/admin/wallets/{customer}/statement", "/admin/charges",
            $"/admin/charges/{charge.GetProperty("id")}", "/admin/orders", $"/admin/orders/{order.GetProperty("id")}", "/admin/ledger", "/admin/endpoints",
            $"/admin/endpoints/{endpoint}", "/admin/deliveries", $"/admin/deliveries/{delivery}", "/admin/event-types", "/admin/dlq", "/admin/workers",
            "/admin/sandbox", "/admin/nothing-here",
        ]);
    }

    [Fact(Timeout = 600_000)]
    public async Task Every_page_of_consumers_is_good()
    {
        SkipUnlessLong();
        var customer = $"cust_{Guid.NewGuid():N}";
        var (endpoint, delivery) = await DeliveryAsync(customer);
        await VisitAsync("consumer", page => page.OpenLinkAsync(system, customer),
            ["/consumer", $"/consumer/endpoints/{endpoint}", "/consumer/deliveries", $"/consumer/deliveries/{delivery}", "/consumer/event-types"]);
    }

    [Fact(Timeout = 600_000)]
    public Task Every_page_without_a_session_is_good() => VisitAsync("open", _ => Task.CompletedTask, ["/login", "/admin/login", "/consumer/link"]);

    private static void SkipUnlessLong()
    {
        if (Chromium.Pictures is null && Environment.GetEnvironmentVariable("BROWSER") != "long") Assert.Skip("Every page takes minutes: BROWSER=long.");
    }

    private async Task VisitAsync(string area, Func<IPage, Task> enter, string[] paths)
    {
        foreach (var (width, isDark) in Chromium.Pictures is null ? [Looks[0], Looks[^1]] : Looks)
        {
            var page = await browser.OpenAsync(system.Client.BaseAddress!, width, isDark);
            var complaints = page.Complaints();
            await enter(page);
            foreach (var path in paths)
            {
                var response = await page.ShowAsync(path);
                var isThere = !path.EndsWith("nothing-here", StringComparison.Ordinal);
                Assert.Equal(isThere ? HttpStatusCode.OK : HttpStatusCode.NotFound, (HttpStatusCode)response.Status);
                await page.AssertIsGoodAsync();
                if (Chromium.Pictures is { } folder) await KeepAsync(page, folder, $"{area}-{NameOf(path)}-{width}-{(isDark ? "dark" : "light")}.png");
            }

            Assert.Empty(complaints);
            await page.Context.CloseAsync();
        }
    }

    private static Task KeepAsync(IPage page, string folder, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(folder, name), FullPage = true });

    /// <summary>The path in words, its ids left out.</summary>
    private static string NameOf(string path) => string.Join('-', path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Any(char.IsAsciiDigit) ? "one" : part)) + (path.Contains('?', StringComparison.Ordinal) ? "-filtered" : "");

    private async Task<long> DepositAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/deposits") { Content = JsonBody(new JsonObject { ["amount"] = 250 }) };
        request.Headers.Add("X-API-Key", key);
        request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        using var response = await system.Client.SendAsync(request, Stop);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["id"]!.GetValue<long>();
    }

    private static StringContent JsonBody(JsonObject body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");

    /// <summary>An endpoint of this customer, and a delivery to it that has arrived.</summary>
    private async Task<(string Endpoint, string Delivery)> DeliveryAsync(string customer)
    {
        var endpoint = (await system.SendAsAdminAsync(HttpMethod.Post, "/webhooks/endpoints", new JsonObject
        {
            ["url"] = new Uri(system.Client.BaseAddress!, "/sandbox/inbox").ToString(),
            ["customer_id"] = customer,
        })).GetProperty("id").GetString()!;
        await system.SendAsAdminAsync(HttpMethod.Post, $"/webhooks/endpoints/{endpoint}/test", new JsonObject());
        var deliveries = await Eventually.GetAsync(
            async _ => await system.SendAsAdminAsync(HttpMethod.Get, $"/webhooks?endpoint_id={endpoint}"), list => list.GetArrayLength() > 0, Stop);
        return (endpoint, deliveries[0].GetProperty("id").GetString()!);
    }
}
