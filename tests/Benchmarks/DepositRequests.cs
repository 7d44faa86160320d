using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>deposits</c>: POST /api/v1/deposits through Ingest.Api with API key, Idempotency-Key and rate limit, each one a commit, the worker carrying them
/// out and the sandbox calling back; against an endpoint of the same Kestrel that reads the same body and answers 202. Everything is settled before the
/// next round begins.
/// </summary>
internal static class DepositRequests
{
    private const string Path = "/api/v1/deposits";

    /// <summary>A bank that takes everything and is quick: what it does is not what is measured.</summary>
    private static readonly (string Name, string Value)[] QuickBank =
        [("RateLimits__Global__Limit", "1000000"), ("Bank__SuccessRate", "1"), ("Bank__MinDelay", "00:00:00.010"), ("Bank__MaxDelay", "00:00:00.100")];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings, QuickBank);
        await system.WithoutInboxAsync();
        var (url, limit) = (system.Url(RunningSystem.Ingest, Path), system.Url(RunningSystem.Ingest, "/limit/accept"));
        var key = await system.AddUserAsync("payer@example.com");
        foreach (var connections in (int[])[8, 32])
        {
            var at = connections;
            var measured = await Interleaved.MeasureAsync(
                system,
                round => Wrk.DepositAsync(url, 32 * at + round, key, at, settings.Round),
                round => Wrk.DepositAsync(limit, round, key, at, settings.Round),
                isWarm: at != 8);
            yield return new Row(
                "deposits", $"{at} connections", measured.Figure.Rate, "/s", measured.Limit.Rate, measured.Ratio, measured.Figure.P50Ms, measured.Figure.P99Ms)
            { Processes = measured.Processes };
        }

        var wrong = await system.AskAsync<long>(
            "SELECT count(*) FROM payments WHERE processed_at IS NULL "
            + "OR (status = 'success') <> EXISTS (SELECT FROM transfers WHERE reference = 'payment:' || payments.id)");
        yield return new Row("deposits", "payments that do not add up", wrong, "", Must: "0", IsMet: wrong == 0);
    }
}
