using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace AppHost.Tests.Browser;

/// <summary>What holds for every page.</summary>
internal static class PageChecks
{
    private static readonly string[] Serious = ["serious", "critical"];

    /// <summary>Collects what the browser complains about: script errors, and whatever the content security policy refused.</summary>
    public static List<string> Complaints(this IPage page)
    {
        var complaints = new List<string>();
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, line) =>
        {
            if (line.Type == "error" && !line.Text.Contains("status of 40", StringComparison.Ordinal)) complaints.Add(line.Text);
        };
        return complaints;
    }

    /// <summary>Opens a page and waits until it shows its data, and its circuit, where it has one, has taken over.</summary>
    public static async Task<IResponse> ShowAsync(this IPage page, string path)
    {
        var response = (await page.GotoAsync(path))!;
        await Assertions.Expect(page.Locator("h1")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("main .loading")).ToHaveCountAsync(0);
        return response;
    }

    /// <summary>axe finds nothing serious, and nothing sticks out sideways.</summary>
    public static async Task AssertIsGoodAsync(this IPage page)
    {
        var found = await page.RunAxe();
        var violations = found.Violations.Where(violation => Serious.Contains(violation.Impact)).ToArray();
        Assert.True(violations.Length == 0, $"{page.Url}: {string.Join("\n", violations.Select(Describe))}");
        Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth + 1"), $"{page.Url} is wider than its window.");
    }

    private static string Describe(AxeResultItem violation) =>
        $"{violation.Id} ({violation.Impact}): {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(3).Select(node => node.Html))}";
}
