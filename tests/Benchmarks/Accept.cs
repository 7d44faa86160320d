using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>accept</c>: POSTs through Ingest.Api, the worker running, against an endpoint of the same Kestrel that reads the same body and
/// answers 202. Nothing falls due within a round, and everything has its outcome before the next begins.
/// <c>front-door</c>: the same through Portal.Web, against Ingest.Api directly.
/// </summary>
internal static class Accept
{
    private const string Path = "/v1/webhooks/transactions";
    private static readonly int[] Connections = [32, 128];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(settings.Round + TimeSpan.FromSeconds(5), settings);
        var (url, limit) = (system.Url(RunningSystem.Ingest, Path), system.Url(RunningSystem.Ingest, "/limit/accept"));
        foreach (var connections in Connections)
        {
            var at = connections;
            var before = await system.CountAsync("true");
            var measured = await Interleaved.MeasureAsync(
                system,
                round => Wrk.PostAsync(url, 32 * at + round, at, settings.Round),
                round => Wrk.PostAsync(limit, round, at, settings.Round),
                isWarm: at != Connections[0]);
            // More rows than 202s there may be: wrk hangs up on its last requests.
            var missing = Math.Max(0, before + measured.Answered - await system.CountAsync("true"));
            var (ratio, p99) = (measured.Ratio, measured.Figure.P99Ms);
            yield return new Row(
                "accept", $"{at} connections", measured.Figure.Rate, "/s", measured.Limit.Rate, ratio, measured.Figure.P50Ms, p99,
                at == 128 ? ">= 0.42, p99 <= 20 ms" : "", at != 128 || (ratio >= 0.42 && p99 <= 20))
            { Processes = measured.Processes };
            yield return new Row("accept", $"{at} connections: 202s without a row", missing, "rows", Must: "0", IsMet: missing == 0);
        }
    }

    public static async IAsyncEnumerable<Row> MeasureFrontDoorAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(settings.Round + TimeSpan.FromSeconds(5), settings);
        var (door, direct) = (system.Url(RunningSystem.Portal, Path), system.Url(RunningSystem.Ingest, Path));
        var measured = await Interleaved.MeasureAsync(
            system,
            round => Wrk.PostAsync(door, 0x1000 + round, 128, settings.Round),
            round => Wrk.PostAsync(direct, 0x2000 + round, 128, settings.Round));
        yield return new Row(
            "front-door", "128 connections, limit: direct", measured.Figure.Rate, "/s", measured.Limit.Rate, measured.Ratio,
            measured.Figure.P50Ms, measured.Figure.P99Ms, ">= 0.50", measured.Ratio >= 0.5)
        { Processes = measured.Processes };
    }
}
