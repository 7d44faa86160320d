using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>steady</c>: 3,000 a second for three minutes with the real 30 s. Lateness is processed_at less the time it was due, both by the
/// database's clock. <c>idle</c>: the system when nothing is asked of it.
/// </summary>
internal static class Steady
{
    private const int Rate = 3_000;
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(30), Duration = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20), Watched = TimeSpan.FromMinutes(1);

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(Delay, settings);
        var url = system.Url(RunningSystem.Ingest, "/v1/webhooks/transactions");
        await Wrk.WarmUpAsync(system, url, Rate);

        system.Processes.Begin();
        var sent = (await Wrk.PostAsync(url, 2, 64, Duration, Rate)).AllGood("steady");
        await system.SettleAsync();
        var use = system.Processes.Read();
        yield return new Row("steady", "accepted", sent.Rate, "/s", P50Ms: sent.P50Ms, P99Ms: sent.P99Ms, Must: "3,000", IsMet: sent.Rate >= 0.98 * Rate)
        {
            Processes = use,
        };

        var (p50, p99, max) = (await LatenessAsync(system, 0.5, Delay), await LatenessAsync(system, 0.99, Delay), await LatenessAsync(system, 1, Delay));
        yield return new Row("steady", "lateness", p99, "ms", P50Ms: p50, P99Ms: p99, Must: "p99 <= 250 ms", IsMet: p99 <= 250);
        yield return new Row("steady", "lateness, the worst", max, "ms", Must: "<= 1,000 ms", IsMet: max <= 1000);
    }

    public static async IAsyncEnumerable<Row> MeasureIdleAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(Delay, settings);
        await Task.Delay(Rest, settings.Clock);
        system.Processes.Begin();
        await Task.Delay(Watched, settings.Clock);
        var use = system.Processes.Read();
        foreach (var process in use)
        {
            var percent = 100 * process.CpuSeconds / Watched.TotalSeconds;
            yield return new Row("idle", $"{process.Name}, of a core", percent, "%", Must: "< 3", IsMet: percent < 3);
            if (process.Name is not ("postgres" or "broker"))
                yield return new Row("idle", $"{process.Name}, resident", process.Megabytes, "MB", Must: "< 150", IsMet: process.Megabytes < 150);
        }
    }

    /// <summary>How late outcomes were, by which fraction of them, in milliseconds after the delay.</summary>
    internal static Task<double> LatenessAsync(RunningSystem system, double fraction, TimeSpan delay) => system.AskAsync<double>(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"""
        SELECT 1000 * percentile_disc({fraction}) WITHIN GROUP (ORDER BY extract(epoch FROM processed_at - created_at)::float8) - {delay.TotalMilliseconds}
        FROM transactions
        """));
}
