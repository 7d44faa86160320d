using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;
using Npgsql;

namespace Benchmarks;

/// <summary>
/// <c>ledger</c>: transfers through the API, by the bank's signed callbacks, each of which settles a deposit: all of one user, and any of 10,000; against
/// pgbench's one-row prepared INSERT over 32 connections on the same durable server. Each round takes the limit and all cases in turn; the median of
/// three rounds counts.
/// </summary>
internal static class Ledger
{
    private const int Rounds = 3, Users = 10_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    private static readonly Case[] Cases =
    [
        new("one account", 1, 1), new("one account", 1, 8), new("one account", 1, 32, 0.30),
        new("10,000 accounts", Users, 1), new("10,000 accounts", Users, 8), new("10,000 accounts", Users, 32, 0.35),
    ];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings, ("RateLimits__Global__Limit", "1000000"));
        var url = system.Url(RunningSystem.Ingest, "/webhooks/bank-callback");
        await system.WithoutInboxAsync();
        await system.ExecuteAsync(Pgbench.Statement);
        await Callbacks.AddUsersAsync(system, Users);
        using var pgbench = new Pgbench(new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync()));
        await Callbacks.RunAsync(system, url, Users, 32, WarmUp);
        await Callbacks.RunAsync(system, url, 1, 32, WarmUp);
        var (limits, reports) = (new List<double>(), Cases.ToDictionary(c => c, _ => new List<WrkReport>()));
        for (var round = 0; round < Rounds; round++)
        {
            await system.ExecuteAsync("CHECKPOINT");
            limits.Add(await pgbench.InsertAsync(settings.Round));
            foreach (var measured in Cases) reports[measured].Add(await Callbacks.RunAsync(system, url, measured.Users, measured.Connections, settings.Round));
        }

        var limit = limits.Order().ElementAt(Rounds / 2);
        foreach (var measured in Cases)
        {
            var median = reports[measured].OrderBy(report => report.Rate).ElementAt(Rounds / 2);
            var ratio = median.Rate / limit;
            yield return new Row(
                "ledger", $"{measured.Name}, {measured.Connections} connections", median.Rate, "/s", limit, ratio, median.P50Ms, median.P99Ms,
                measured.Must is { } must ? $">= {must:0.00}" : "", measured.Must is null || ratio >= measured.Must);
        }

        yield return await DifferencesAsync(system, "ledger");
    }

    /// <summary>The row that says whether all accounts are the sums of their entries.</summary>
    public static async Task<Row> DifferencesAsync(RunningSystem system, string benchmark)
    {
        var wrong = await system.AskAsync<long>(
            "SELECT count(*) FROM accounts a WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM entries e WHERE e.account_id = a.id)");
        return new Row(benchmark, "accounts that do not add up", wrong, "", Must: "0", IsMet: wrong == 0);
    }

    /// <param name="Name">What its accounts are.</param>
    /// <param name="Users">Whose deposits.</param>
    /// <param name="Connections">Callbacks at a time.</param>
    /// <param name="Must">The ratio to reach.</param>
    private sealed record Case(string Name, int Users, int Connections, double? Must = null);
}
