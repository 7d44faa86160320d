using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;
using Data.Ledger;
using Npgsql;

namespace Benchmarks;

/// <summary>
/// <c>ledger</c>: deposits posted on one user's account and on any of 10,000, by Data.Ledger over Npgsql, one transaction each, and through the API, by the bank's
/// signed callbacks; against pgbench's one-row prepared INSERT over 32 connections on the same durable server. Each round takes the limit and all cases in
/// turn; the median of three rounds counts.
/// </summary>
internal static class Ledger
{
    private const int Rounds = 3, Users = 10_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    private static readonly Case[] Cases =
    [
        new("one account", 1, 1, 1), new("one account", 1, 8, 1), new("one account", 1, 32, 1, 0.10), new("one account, 16 a commit", 1, 32, 16),
        new("10,000 accounts", Users, 1, 1), new("10,000 accounts", Users, 8, 1), new("10,000 accounts", Users, 32, 1, 0.30),
    ];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        Environment.SetEnvironmentVariable("RateLimits__Global__Limit", "1000000");
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings.Clock);
        await system.ExecuteAsync(Pgbench.Statement);
        var accounts = await OpenAsync(system);
        using var pgbench = new Pgbench(new NpgsqlConnectionStringBuilder(await system.ConnectionStringAsync()));
        var (limits, reports) = (new List<double>(), Cases.ToDictionary(c => c, _ => new List<DepositsReport>()));
        foreach (var measured in Cases) await RunAsync(system, accounts, measured, WarmUp, settings.Clock);
        for (var round = 0; round < Rounds; round++)
        {
            await system.ExecuteAsync("CHECKPOINT");
            limits.Add(await pgbench.InsertAsync(settings.Round));
            foreach (var measured in Cases) reports[measured].Add(await RunAsync(system, accounts, measured, settings.Round, settings.Clock));
        }

        var limit = limits.Order().ElementAt(Rounds / 2);
        foreach (var measured in Cases)
        {
            var median = reports[measured].OrderBy(report => report.Rate).ElementAt(Rounds / 2);
            var ratio = median.Rate / limit;
            yield return new Row(
                "ledger", $"Data.Ledger, {measured.Name}, at {measured.Connections}", median.Rate, "/s", limit, ratio, median.P50Ms, median.P99Ms,
                measured.Must is { } must ? $">= {must:0.00}" : "", measured.Must is null || ratio >= measured.Must);
        }

        await foreach (var row in MeasureApiAsync(system, limit, settings)) yield return row;
        var wrong = await system.AskAsync<long>(Differences);
        yield return new Row("ledger", "accounts that do not add up", wrong, "", Must: "0", IsMet: wrong == 0);
    }

    private static async IAsyncEnumerable<Row> MeasureApiAsync(RunningSystem system, double limit, Settings settings)
    {
        var url = system.Url(RunningSystem.Ingest, "/webhooks/bank-callback");
        await Callbacks.AddUsersAsync(system, Users);
        await Callbacks.RunAsync(system, url, Users, 32, TimeSpan.FromSeconds(20));
        foreach (var (name, users, must) in ((string, int, double)[])[("one account", 1, 0.10), ("10,000 accounts", Users, 0.30)])
        {
            foreach (var connections in (int[])[1, 8, 32])
            {
                var report = await Callbacks.RunAsync(system, url, users, connections, settings.Round);
                var ratio = report.Rate / limit;
                var isHeld = connections == 32;
                yield return new Row(
                    "ledger", $"API, {name}, at {connections}", report.Rate, "/s", limit, ratio, report.P50Ms, report.P99Ms,
                    isHeld ? $">= {must:0.00}" : "", !isHeld || ratio >= must);
            }
        }
    }

    private const string Differences =
        "SELECT count(*) FROM accounts a WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM entries e WHERE e.account_id = a.id)";

    private static Task<DepositsReport> RunAsync(
        RunningSystem system, (long User, long Bank)[] accounts, Case measured, TimeSpan round, TimeProvider clock) =>
        new Deposits(system.Database, accounts[..measured.Accounts], clock).RunAsync(measured.Connections, measured.AtATime, round);

    private static async Task<(long User, long Bank)[]> OpenAsync(RunningSystem system)
    {
        await using var connection = await system.Database.OpenConnectionAsync();
        var accounts = new (long User, long Bank)[Users];
        for (var n = 0; n < Users; n++)
        {
            var user = await OpenAccount.RunAsync(connection, Accounts.OfUser(1_000_000 + n, "USD"), CancellationToken.None);
            accounts[n] = (user, await OpenAccount.RunAsync(connection, Accounts.OfBank(1_000_000 + n, "USD"), CancellationToken.None));
        }

        await system.ExecuteAsync("VACUUM (ANALYZE) accounts");
        return accounts;
    }

    /// <param name="Name">What its accounts are.</param>
    /// <param name="Accounts">How many.</param>
    /// <param name="Connections">Over how many connections.</param>
    /// <param name="AtATime">Transfers in one transaction.</param>
    /// <param name="Must">The ratio to reach.</param>
    private sealed record Case(string Name, int Accounts, int Connections, int AtATime, double? Must = null);
}
