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

    public double Ratio => Figure.Rate / Limit.Rate;

    /// <summary>Warms both up, then A B A B A B.</summary>
    /// <param name="system">Is let come to rest after each round.</param>
    /// <param name="figure">One round; its number is 0 for the warming up.</param>
    /// <param name="limit">One round of the limit.</param>
    public static async Task<Interleaved> MeasureAsync(RunningSystem system, Func<int, Task<WrkReport>> figure, Func<int, Task<WrkReport>> limit)
    {
        var warmUp = await figure(0);
        await limit(0);
        await system.SettleAsync();

        var (figures, limits, uses) = (new List<WrkReport>(), new List<WrkReport>(), new List<IReadOnlyList<ProcessFigures>>());
        for (var round = 1; round <= Rounds; round++)
        {
            system.Processes.Begin();
            figures.Add((await figure(round)).AllGood("figure"));
            uses.Add(system.Processes.Read());
            await system.SettleAsync();
            limits.Add((await limit(round)).AllGood("limit"));
            await system.SettleAsync();
        }

        return new Interleaved(Median(figures), Median(limits), warmUp.Requests + figures.Sum(report => report.Requests), Sum(uses));
    }

    private static WrkReport Median(List<WrkReport> reports) => reports.OrderBy(report => report.Rate).ElementAt(reports.Count / 2);

    private static IReadOnlyList<ProcessFigures> Sum(List<IReadOnlyList<ProcessFigures>> uses) =>
        [.. uses[^1].Select(last => last with { CpuSeconds = uses.Sum(use => use.Single(process => process.Name == last.Name).CpuSeconds) })];
}
