using Microsoft.Playwright;
using Support;

namespace AppHost.Tests.Browser;

/// <summary>The way of an operator: live rows, filters in the URL, keys, search, CSV, theme.</summary>
public class OperatorTests(RunningSystem system, Chromium browser)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 240_000)]
    public async Task New_rows_wait_behind_a_chip_and_rows_change_in_place()
    {
        var account = $"acc_{Guid.NewGuid():N}";
        var first = await SendAsync(account);
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        var complaints = page.Complaints();
        await page.LogInAsOperatorAsync();
        await page.ShowAsync($"/admin/transactions?account={account}");
        var rows = page.Locator("table[data-rows] tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(1);

        var second = await SendAsync(account);
        await Assertions.Expect(page.Locator("[data-new-rows]")).ToHaveTextAsync("1 new");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await page.Locator("[data-new-rows]").ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await Assertions.Expect(rows.First).ToContainTextAsync(second[^6..]);

        // Processed after its delay, in the row that is already there.
        await Assertions.Expect(rows.Last.Locator(".status")).ToHaveTextAsync("processed");
        await Assertions.Expect(rows.Last).ToContainTextAsync(first[^6..]);
        Assert.Empty(complaints);
    }

    [Fact(Timeout = 240_000)]
    public async Task Filters_are_in_the_url_and_keys_move_through_rows_and_open_them()
    {
        var account = $"acc_{Guid.NewGuid():N}";
        var id = await SendAsync(account);
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.LogInAsOperatorAsync();
        await page.ShowAsync("/admin/transactions");
        await page.GetByLabel("Account").FillAsync(account);
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();
        await page.WaitForURLAsync($"**/admin/transactions?account={account}");
        await Assertions.Expect(page.Locator("table[data-rows] tbody tr")).ToHaveCountAsync(1);

        await page.Locator("h1").ClickAsync();
        await page.Keyboard.PressAsync("j");
        await Assertions.Expect(page.Locator("tr.selected")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync($"**/admin/transactions/{id}");
        await page.Keyboard.PressAsync("/");
        await Assertions.Expect(page.Locator("[data-search]")).ToBeFocusedAsync();
    }

    [Fact(Timeout = 240_000)]
    public async Task Search_leads_from_an_id_to_its_page()
    {
        var id = await SendAsync($"acc_{Guid.NewGuid():N}");
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.LogInAsOperatorAsync();
        await page.Locator("[data-search]").FillAsync(id);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync($"**/admin/transactions/{id}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("acc_merchant_456");
    }

    [Fact(Timeout = 240_000)]
    public async Task The_theme_follows_the_system_until_somebody_chooses()
    {
        var page = await browser.OpenAsync(system.Client.BaseAddress!, isDark: true);
        await page.GotoAsync("/admin/login");
        var dark = await BackgroundAsync(page);
        await page.Locator("[data-theme-toggle]").ClickAsync();
        Assert.NotEqual(dark, await BackgroundAsync(page));
        await page.ReloadAsync();
        Assert.NotEqual(dark, await BackgroundAsync(page));
    }

    [Fact(Timeout = 240_000)]
    public async Task The_filtered_result_comes_as_csv()
    {
        var account = $"acc_{Guid.NewGuid():N}";
        var id = await SendAsync(account);
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.LogInAsOperatorAsync();
        await page.ShowAsync($"/admin/transactions?account={account}");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync(), Stop);
        Assert.Equal(2, lines.Length);
        Assert.Contains(id, lines[1], StringComparison.Ordinal);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_dead_letter_is_repaired_by_hand_and_its_transaction_is_processed()
    {
        var id = $"broken_{Guid.NewGuid():N}";
        await system.InsertUnpublishedAsync(id);
        await system.ProduceAsync(id, $$"""{"transaction_id":"{{id}}","amount":"12.5""");
        await Eventually.GetAsync(
            _ => system.SendAsAdminAsync(HttpMethod.Get, "/admin/dead-letters?topic=transactions&reason=undecodable"),
            letters => letters.GetRawText().Contains(id, StringComparison.Ordinal), Stop);
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.LogInAsOperatorAsync();
        await page.ShowAsync("/admin/dlq?topic=transactions&reason=undecodable");
        var letter = page.Locator("article.letter", new() { HasText = id });
        await letter.GetByText("Repair and redrive").ClickAsync();
        var body = letter.GetByLabel("Body");
        await Assertions.Expect(body).ToHaveValueAsync($$"""{"transaction_id":"{{id}}","amount":"12.5""");

        await body.FillAsync(
            $$"""
            {"transaction_id":"{{id}}","source_account":"a","destination_account":"b","amount":"12.50","currency":"USD","created_at":"2026-01-15T10:30:00Z"}
            """);
        await letter.GetByRole(AriaRole.Button, new() { Name = "Redrive it repaired" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("was sent again as repaired");
        Assert.Equal("PROCESSED", (await system.WaitForOutcomeAsync(id, Stop))!["status"]!.GetValue<string>());
    }

    private static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

    private async Task<string> SendAsync(string account)
    {
        var webhook = RunningSystem.Webhook();
        webhook["source_account"] = account;
        await system.SendAsync(webhook, Stop);
        return webhook["transaction_id"]!.GetValue<string>();
    }
}
