using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(AppHost.Tests.Browser.Chromium))]

namespace AppHost.Tests.Browser;

/// <summary>
/// The machine's own Chromium, driven by Playwright; one process for all tests. Where there is none the tests say so and are skipped:
/// `apt-get install chromium`, or CHROMIUM=/path/to/chromium. BROWSER=none leaves them out, BROWSER=long looks at every page (TourTests).
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

    /// <summary>A machine with other work to do takes its time.</summary>
    private const float PatienceMs = 60_000;

    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where pictures of all pages go; null unless PICTURES names a folder.</summary>
    public static string? Pictures => Environment.GetEnvironmentVariable("PICTURES") is { Length: > 0 } folder ? folder : null;

    /// <summary>A visitor with no cookies.</summary>
    /// <param name="address">The portal.</param>
    /// <param name="width">The window's width in pixels.</param>
    /// <param name="isDark">Whether the system prefers dark.</param>
    public async Task<IPage> OpenAsync(Uri address, int width = 1440, bool isDark = false)
    {
        if (Environment.GetEnvironmentVariable("BROWSER") == "none") Assert.Skip("BROWSER=none.");
        var path = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given ? given : Array.Find(Known, File.Exists);
        if (path is null) Assert.Skip("There is no Chromium on this machine: apt-get install chromium, or CHROMIUM=/path/to/chromium.");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            _browser ??= await _playwright.Chromium.LaunchAsync(
                new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu"], Timeout = PatienceMs });
        }
        finally
        {
            _starting.Release();
        }

        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            AcceptDownloads = true,
        });
        context.SetDefaultTimeout(PatienceMs);
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _starting.Dispose();
    }
}
