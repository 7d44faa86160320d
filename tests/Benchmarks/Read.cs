using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary><c>read</c>: GET by id through Query.Api, random ids of a million, against an endpoint of the same Kestrel that writes as many bytes.</summary>
internal static class Read
{
    private const int Rows = 1_000_000;
    private const int Connections = 64;

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings);
        await system.FillAsync(1, Rows);
        var measured = await MeasureAsync(system, Rows, settings);
        yield return new Row(
            "read", $"{Connections} connections, 1M rows", measured.Figure.Rate, "/s", measured.Limit.Rate, measured.Ratio,
            measured.Figure.P50Ms, measured.Figure.P99Ms, ">= 0.60", measured.Ratio >= 0.6)
        { Processes = measured.Processes };
    }

    public static Task<Interleaved> MeasureAsync(RunningSystem system, int rows, Settings settings, bool isWarm = false) =>
        MeasureAsync(system, "/v1/transactions/", rows, settings, isWarm);

    /// <summary>GETs of one transaction, or of pages of a list, against the endpoint that writes one transaction's bytes.</summary>
    /// <param name="system">With transactions by <see cref="Rows.FillAsync"/>.</param>
    /// <param name="path">Of the page; ends with = when an account is to follow, with / when an id.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="settings">A round's length.</param>
    /// <param name="isWarm">Whether it was measured before, on this system.</param>
    public static Task<Interleaved> MeasureAsync(RunningSystem system, string path, int rows, Settings settings, bool isWarm)
    {
        var (url, limit) = (system.Url(RunningSystem.Query, path), system.Url(RunningSystem.Query, "/limit/read"));
        return Interleaved.MeasureAsync(
            system,
            _ => Wrk.GetAsync(url, rows, Connections, settings.Round),
            _ => Wrk.GetAsync(limit, rows, Connections, settings.Round),
            isWarm);
    }
}
