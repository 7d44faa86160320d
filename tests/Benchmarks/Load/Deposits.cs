using Data.Ledger;
using Npgsql;

namespace Benchmarks.Load;

/// <summary>What a round of postings gave.</summary>
internal sealed record DepositsReport(double Rate, double P50Ms, double P99Ms);

/// <summary>Posts deposits as fast as they are answered, each worker over a connection of its own.</summary>
/// <param name="database">The server.</param>
/// <param name="accounts">Users' accounts, each with the bank's that it deals with; which of them gets a deposit falls by chance.</param>
/// <param name="clock">The clock.</param>
internal sealed class Deposits(NpgsqlDataSource database, IReadOnlyList<(long User, long Bank)> accounts, TimeProvider clock)
{
    private readonly string _name = $"bench:{Guid.NewGuid():N}";
    private long _references;

    /// <param name="connections">Workers.</param>
    /// <param name="atATime">Transfers in one transaction.</param>
    /// <param name="round">How long.</param>
    public async Task<DepositsReport> RunAsync(int connections, int atATime, TimeSpan round)
    {
        var began = clock.GetTimestamp();
        var workers = await Task.WhenAll(Enumerable.Range(0, connections).Select(n => Task.Run(() => WorkAsync(new Random(n), atATime, began, round))));
        var seconds = clock.GetElapsedTime(began).TotalSeconds;
        var times = workers.SelectMany(times => times).Order().ToArray();
        return new DepositsReport(times.Length * atATime / seconds, times[times.Length / 2], times[times.Length * 99 / 100]);
    }

    private async Task<List<double>> WorkAsync(Random random, int atATime, long began, TimeSpan round)
    {
        await using var connection = await database.OpenConnectionAsync();
        var times = new List<double>();
        while (clock.GetElapsedTime(began) < round)
        {
            var start = clock.GetTimestamp();
            NewTransfer[] transfers = [.. Enumerable.Range(0, atATime).Select(_ => Any(random))];
            var outcomes = await PostTransfers.AndCommitAsync(connection, transfers, CancellationToken.None);
            if (outcomes.Any(outcome => outcome != PostOutcome.Posted)) throw new BenchmarkException("A deposit was not posted.");
            times.Add(clock.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    private NewTransfer Any(Random random)
    {
        var (user, bank) = accounts[random.Next(accounts.Count)];
        return new NewTransfer($"{_name}:{Interlocked.Increment(ref _references)}", "deposit", "USD", new Posting(user, 1), new Posting(bank, -1));
    }
}
