using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>pages</c>: webhooks accepted while 500 pages of the portal are open in browsers, against the same without a page. Half of the pages are the operators'
/// list of transactions, which changes all the time; the others are their overview and the overviews of ten payers.
/// </summary>
internal static class Pages
{
    private const int Count = 500;
    private const int Payers = 10;
    private const int Connections = 128;
    private const int Rounds = 3;

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(settings.Round + TimeSpan.FromSeconds(5), settings);
        var url = system.Url(RunningSystem.Ingest, "/v1/webhooks/transactions");
        var emails = Enumerable.Range(0, Payers).Select(i => $"payer{i}@example.com");
        var payers = await Task.WhenAll(emails.Select(async email => (email, await system.AddUserAsync(email))));
        var run = 0;
        await Wrk.PostAsync(url, run++, Connections, Interleaved.WarmUp);
        var (with, without, renders, seconds) = (new List<WrkReport>(), new List<WrkReport>(), 0L, 0.0);
        IReadOnlyList<ProcessFigures> uses = [];
        for (var round = 0; round < Rounds; round++)
        {
            await system.SettleAsync();
            without.Add((await Wrk.PostAsync(url, run++, Connections, settings.Round)).AllGood("without pages"));
            await system.SettleAsync();
            await using var pages = await OpenPages.OpenAsync(system.Url(RunningSystem.Portal, "/"), payers);
            var before = pages.Renders;
            system.Processes.Begin();
            with.Add((await Wrk.PostAsync(url, run++, Connections, settings.Round)).AllGood("with pages"));
            uses = system.Processes.Read();
            (renders, seconds) = (renders + pages.Renders - before, seconds + with[^1].Seconds);
            if (pages.Alive < Count) throw new BenchmarkException($"Of {Count} circuits {pages.Alive} were left at the end.");
        }

        var (figure, limit) = (Interleaved.Median(with), Interleaved.Median(without));
        var ratio = figure.Rate / limit.Rate;
        yield return new Row(
            "pages", $"{Count} open, limit: none", figure.Rate, "/s", limit.Rate, ratio, figure.P50Ms, figure.P99Ms, ">= 0.90", ratio >= 0.9)
        { Processes = uses };
        yield return new Row("pages", "renders of all pages", renders / seconds, "/s");
    }

    private sealed class OpenPages(List<Browser> browsers, List<OpenPage> pages) : IAsyncDisposable
    {
        public long Renders => pages.Sum(page => page.Renders);

        public int Alive => pages.Count(page => page.IsAlive);

        public static async Task<OpenPages> OpenAsync(Uri portal, IEnumerable<(string Email, string Key)> payers)
        {
            var operators = new Browser(portal);
            await operators.SubmitAsync("/admin/login", "operator-log-in", ("Form.Key", RunningSystem.AdminKey));
            var open = new OpenPages([operators], []);
            foreach (var (email, key) in payers)
            {
                var payer = new Browser(portal);
                await payer.SubmitAsync("/login", "log-in", ("Form.Email", email), ("Form.ApiKey", key));
                open.Add(payer);
            }

            await open.OpenAllAsync();
            return open;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var page in pages) await page.DisposeAsync();
            foreach (var browser in browsers) browser.Dispose();
        }

        private void Add(Browser browser) => browsers.Add(browser);

        private async Task OpenAllAsync()
        {
            for (var i = 0; i < Count; i++)
            {
                pages.Add(i switch
                {
                    _ when i % 2 == 0 => await browsers[0].OpenAsync("/admin/transactions"),
                    _ when i % 4 == 1 => await browsers[0].OpenAsync("/admin"),
                    _ => await browsers[1 + (i % (browsers.Count - 1))].OpenAsync("/account"),
                });
            }
        }
    }
}
