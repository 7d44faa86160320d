using Benchmarks.Running;

namespace Benchmarks.Printing;

/// <summary>One figure.</summary>
/// <param name="Benchmark">Its name on the command line.</param>
/// <param name="Case">Which of its figures.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Limit">What the machine gave to the least that could be done, in the same run; in the same unit.</param>
/// <param name="Ratio">Figure by limit.</param>
/// <param name="P50Ms">Milliseconds, half of all.</param>
/// <param name="P99Ms">Milliseconds, 99 of 100.</param>
/// <param name="Must">What it must reach; empty: for information.</param>
/// <param name="IsMet">Whether it did.</param>
internal sealed record Row(
    string Benchmark, string Case, double Value, string Unit, double? Limit = null, double? Ratio = null, double? P50Ms = null, double? P99Ms = null,
    string Must = "", bool IsMet = true)
{
    /// <summary>What each process took meanwhile.</summary>
    public IReadOnlyList<ProcessFigures> Processes { get; init; } = [];
}
