using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>growth</c>: accept, read, the newest page and an account's newest page with 1,000, 1,000,000 and 10,000,000 rows in the table when the measurement
/// begins. What an answer costs is its limit's rate by its own, so that a machine that slows down in between does not count. A page has 5 rows: of 1,000, an
/// account has more than that.
/// </summary>
internal static class Growth
{
    private static readonly int[] Sizes = [1_000, 1_000_000, 10_000_000];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(settings.Round + TimeSpan.FromSeconds(5), settings);
        var (accept, read, newest, account) = (new List<Interleaved>(), new List<Interleaved>(), new List<Interleaved>(), new List<Interleaved>());
        var rows = 0;
        foreach (var size in Sizes)
        {
            await system.FillAsync(rows + 1, size);
            rows = size;
            var run = 0x100 * (accept.Count + 1);
            read.Add(await Read.MeasureAsync(system, rows, settings, isWarm: read.Count > 0));
            newest.Add(await Read.MeasureAsync(system, "/v1/transactions?limit=5", rows, settings, isWarm: newest.Count > 0));
            account.Add(await Read.MeasureAsync(system, "/v1/transactions?limit=5&account=", rows, settings, isWarm: account.Count > 0));
            accept.Add(await Interleaved.MeasureAsync(
                system,
                round => Wrk.PostAsync(system.Url(RunningSystem.Ingest, "/v1/webhooks/transactions"), run + round, 128, settings.Round),
                round => Wrk.PostAsync(system.Url(RunningSystem.Ingest, "/limit/accept"), run + round, 128, settings.Round),
                isWarm: accept.Count > 0));
            yield return RowOf("read", size, read);
            yield return RowOf("newest 5", size, newest);
            yield return RowOf("an account's newest 5", size, account);
            yield return RowOf("accept", size, accept);
        }
    }

    private static Row RowOf(string what, int size, List<Interleaved> measured)
    {
        var (last, cost) = (measured[^1], measured[0].Ratio / measured[^1].Ratio);
        return new Row(
            "growth", $"{what}, {size:#,0} rows, {cost:0.00} x the cost", last.Figure.Rate, "/s", last.Limit.Rate, last.Ratio,
            last.Figure.P50Ms, last.Figure.P99Ms, size == Sizes[^1] ? "<= 1.3 x the cost" : "", size != Sizes[^1] || cost <= 1.3)
        { Processes = last.Processes };
    }
}
