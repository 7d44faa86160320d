using Benchmarks.Running;

namespace Benchmarks.Load;

/// <summary>A figure and its limit, measured by turns, so that what else the machine does falls on both alike.</summary>
/// <param name="Figure">The round with the median rate.</param>
/// <param name="Limit">The same of the limit.</param>
/// <param name="Answered">Answers to the figure's requests, over all rounds.</param>
/// <param name="Processes">What the figure's rounds took, the limit's left out.</param>
internal sealed record Interleaved(WrkReport Figure, WrkReport Limit, long Answered, IReadOnlyList<ProcessFigures> Processes)
{
    private const int Rounds = 3;

    /// <summary>
    /// How long a service is used before it is measured for the first time. .NET compiles what is hot twice more while it runs: after 13 s that still took a
    /// third of Portal.Web's processor time, after 30 s nothing that perf sees.
    /// </summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    public double Ratio => Figure.Rate / Limit.Rate;

    /// <summary>Warms both up, then A B A B A B.</summary>
    /// <param name="system">Is let come to rest after each round.</param>
    /// <param name="figure">One round; no two have the same number.</param>
    /// <param name="limit">One round of the limit.</param>
    /// <param name="isWarm">True: both were measured before, on this system.</param>
    public static async Task<Interleaved> MeasureAsync(
        RunningSystem system, Func<int, Task<WrkReport>> figure, Func<int, Task<WrkReport>> limit, bool isWarm = false)
    {
        var (round, answered, warm) = (0, 0L, isWarm ? 0.0 : WarmUp.TotalSeconds);
        do
        {
            var report = await figure(round++);
            warm -= report.Seconds;
            answered += report.Requests;
        }
        while (warm > 0);
        await limit(round);
        await system.SettleAsync();

        var (figures, limits, uses) = (new List<WrkReport>(), new List<WrkReport>(), new List<IReadOnlyList<ProcessFigures>>());
        for (var last = round + Rounds; round < last; round++)
        {
            system.Processes.Begin();
            figures.Add((await figure(round)).AllGood("figure"));
            uses.Add(system.Processes.Read());
            await system.SettleAsync();
            limits.Add((await limit(round)).AllGood("limit"));
            await system.SettleAsync();
        }

        return new Interleaved(Median(figures), Median(limits), answered + figures.Sum(report => report.Requests), Sum(uses));
    }

    /// <summary>The round with the median rate.</summary>
    public static WrkReport Median(List<WrkReport> reports) => reports.OrderBy(report => report.Rate).ElementAt(reports.Count / 2);

    private static IReadOnlyList<ProcessFigures> Sum(List<IReadOnlyList<ProcessFigures>> uses) =>
        [.. uses[^1].Select(last => last with { CpuSeconds = uses.Sum(use => use.Single(process => process.Name == last.Name).CpuSeconds) })];
}
