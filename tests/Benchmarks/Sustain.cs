using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;
using Npgsql;

namespace Benchmarks;

/// <summary>
/// <c>sustain</c>: the highest rate that the whole pipeline holds for three minutes: taken in, published, processed after its delay, its offset committed. Held
/// means that the 202s' p99 stays within 100 ms and the p99 of lateness (processed_at less the time it was due) within 250 ms, over every webhook of the
/// three minutes: the outcomes that fall after them count too. Rounds of 20 s look for the rate; three minutes at it decide, and one that is not held is tried
/// again at what it came to, 5 % lower at least.
/// </summary>
internal static class Sustain
{
    private const int Lowest = 1_000, Highest = 40_000, Exact = 500, Connections = 128;
    private const double MostAnswerMs = 100, MostLatenessMs = 250;

    /// <summary>Short enough that most outcomes fall into the same minutes as their webhooks, beside the others' intake.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(20), Hold = TimeSpan.FromMinutes(3);

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(Delay, settings);
        var pipeline = new Pipeline(system);
        await pipeline.WarmUpAsync();

        var rate = await HighestAsync(pipeline);
        var held = await pipeline.RunAsync(rate, Hold);
        while (!held.IsHeld && rate > Lowest) held = await pipeline.RunAsync(rate = (int)Math.Min(0.95 * rate, held.Rate), Hold);

        var empty = (await Wrk.PostAsync(system.Url(RunningSystem.Ingest, "/limit/accept"), 1, Connections, settings.Round)).AllGood("limit");
        await system.ExecuteAsync(Pgbench.Statement);
        using var pgbench = new Pgbench(new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync()));
        var inserts = await pgbench.InsertAsync(settings.Round);
        yield return new Row(
            "sustain", "3 min, limit: an empty endpoint", held.Rate, "/s", empty.Rate, held.Rate / empty.Rate, held.P50Ms, held.P99Ms, "p99 <= 100 ms",
            held.IsHeld)
        { Processes = held.Processes };
        yield return new Row("sustain", "the same, limit: pgbench's INSERT", held.Rate, "/s", inserts, held.Rate / inserts);
        yield return new Row("sustain", "lateness", held.LatenessMs, "ms", Must: "p99 <= 250 ms", IsMet: held.LatenessMs <= MostLatenessMs);
    }

    private static async Task<int> HighestAsync(Pipeline pipeline)
    {
        var (held, broken) = (Lowest, Highest);
        while (broken - held > Exact)
        {
            var rate = (held + broken) / 2;
            if ((await pipeline.RunAsync(rate, Look)).IsHeld) held = rate;
            else broken = rate;
        }

        return held;
    }

    /// <summary>What a rate came to.</summary>
    private sealed record Run(int Asked, double Rate, double P50Ms, double P99Ms, double LatenessMs, IReadOnlyList<ProcessFigures> Processes)
    {
        public bool IsHeld => Rate >= 0.98 * Asked && P99Ms <= MostAnswerMs && LatenessMs <= MostLatenessMs;
    }

    private sealed class Pipeline(RunningSystem system)
    {
        private readonly Uri _url = system.Url(RunningSystem.Ingest, "/v1/webhooks/transactions");
        private int _run = 1;

        // As long as Interleaved's: what is hot is compiled again until then.
        public async Task WarmUpAsync()
        {
            await Wrk.PostAsync(_url, _run, Connections, Interleaved.WarmUp, 3_000);
            await system.SettleAsync();
        }

        public async Task<Run> RunAsync(int rate, TimeSpan duration)
        {
            await system.ExecuteAsync("TRUNCATE transactions");
            system.Processes.Begin();
            var sent = (await Wrk.PostAsync(_url, ++_run, Connections, duration, rate)).AllGood("sustain");
            await system.SettleAsync();
            var use = system.Processes.Read();
            var run = new Run(rate, sent.Rate, sent.P50Ms, sent.P99Ms, await Steady.LatenessAsync(system, 0.99, Delay), use);
            var verdict = run.IsHeld ? "held" : "not held";
            Console.WriteLine($"  {rate,6}/s: {run.Rate,8:n0}/s, p99 {run.P99Ms,7:n1} ms, lateness p99 {run.LatenessMs,9:n1} ms: {verdict}");
            return run;
        }
    }
}
