using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AppHost.Tests.Browser;

/// <summary>The way of a payer: log in, deposit, watch it settle, withdraw more than there is, log out.</summary>
public class PayerTests(RunningSystem system, Chromium browser)
{
    [Fact(Timeout = 240_000)]
    public async Task A_payer_deposits_and_watches_it_settle_without_loading_a_page_again()
    {
        var (email, key) = await system.NewUserAsync();
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        var complaints = page.Complaints();
        await page.LogInAsync(email, key);

        await page.GetByRole(AriaRole.Button, new() { Name = "Deposit" }).First.ClickAsync();
        var dialog = page.Locator("dialog[data-modal]");
        await Assertions.Expect(dialog).ToBeVisibleAsync();
        await dialog.GetByLabel("Amount").FillAsync("250.00");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Deposit" }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);

        var row = page.Locator("table[data-rows] tbody tr").First;
        await Assertions.Expect(row).ToContainTextAsync("250.00 USD");
        await Assertions.Expect(row.Locator(".status")).ToHaveTextAsync(new Regex("success|failed"));
        await row.Locator("a").First.ClickAsync();
        await page.WaitForURLAsync("**/account/deposits/*");
        await Assertions.Expect(page.Locator(".timeline li").Last).ToHaveClassAsync(new Regex("done|failed"));

        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).First.ClickAsync();
        await dialog.GetByLabel("Amount").FillAsync("99999");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).ClickAsync();
        await Assertions.Expect(dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        Assert.Empty(complaints);
    }

    [Fact(Timeout = 240_000)]
    public async Task Another_payers_payment_is_not_found()
    {
        var (email, key) = await system.NewUserAsync();
        var page = await browser.OpenAsync(system.Client.BaseAddress!);
        await page.LogInAsync(email, key);
        await page.GotoAsync("/account/deposits/999999999");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Not found");
    }
}
