using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;
using Data.Ledger;
using Npgsql;

namespace Benchmarks;

/// <summary>
/// <c>postings</c>: deposits posted on one user's account and on any of 10,000 by Data.Ledger over Npgsql, a transaction each and 16 in one, against pgbench's
/// one-row prepared INSERT over 32 connections on the same durable server: what <c>ledger</c> stands on. The median of three rounds counts.
/// </summary>
internal static class Postings
{
    private const int Rounds = 3, Users = 10_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    private static readonly Case[] Cases =
    [
        new("one account", 1, 1, 1), new("one account", 1, 8, 1), new("one account", 1, 32, 1), new("one account, 16 a commit", 1, 32, 16),
        new("10,000 accounts", Users, 1, 1), new("10,000 accounts", Users, 8, 1), new("10,000 accounts", Users, 32, 1),
    ];

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings);
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
            yield return new Row(
                "postings", $"{measured.Name}, {measured.Connections} connections", median.Rate, "/s", limit, median.Rate / limit, median.P50Ms, median.P99Ms);
        }

        yield return await Ledger.DifferencesAsync(system, "postings");
    }

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
    private sealed record Case(string Name, int Accounts, int Connections, int AtATime);
}
