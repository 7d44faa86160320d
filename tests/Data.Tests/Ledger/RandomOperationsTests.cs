using System.Collections.Concurrent;
using Data.Ledger;
using Npgsql;

namespace Data.Tests.Ledger;

/// <summary>
/// Thousands of operations that fall by chance, on few accounts, by many at a time; then everything must add up. What falls is decided by a seed
/// that stands in the output; which of two comes first is not.
/// </summary>
public sealed class RandomOperationsTests(Database database, ITestOutputHelper output)
{
    private const int Connections = 12, Each = 300, Users = 4, Banks = 2, References = 900;

    private readonly Room _room = new(database);
    private readonly ConcurrentBag<NewTransfer> _posted = [];
    private long[] _accounts = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_happens_at_the_same_time_adds_up()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var users = await Task.WhenAll(Enumerable.Range(1, Users).Select(n => _room.OpenUserAsync(n, 100)));
        var banks = await Task.WhenAll(Enumerable.Range(1, Banks).Select(n => _room.OpenBankAsync(n)));
        _accounts = [.. users, .. banks];

        // A deadlock would come out of here as an exception.
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(n => Task.Run(() => RunAsync(new Random(seed + n)))));

        Assert.Empty(await _room.FaultsAsync());
        foreach (var account in _accounts) Assert.Equal(Expected(account, users), decimal.Parse((await _room.StateAsync(account)).Split(' ')[0], null));
        var references = await database.ReadAsync(
            $"SELECT reference FROM transfers WHERE currency = '{_room.Currency}' AND kind = 'test' AND reference NOT LIKE '%opening%' ORDER BY 1");
        Assert.Equal(references, _posted.Select(transfer => transfer.Reference).Order(StringComparer.Ordinal));
        Assert.InRange(references.Count, References / 4, References);
    }

    private decimal Expected(long account, long[] users)
    {
        var moved = _posted.SelectMany(transfer => transfer.Postings).Where(posting => posting.AccountId == account).Sum(posting => posting.Amount);
        // The openings were all of bank 0, which takes part in nothing else.
        return moved + (users.Contains(account) ? 100 : 0);
    }

    private async Task RunAsync(Random random)
    {
        await using var connection = await _room.ConnectAsync();
        for (var n = 0; n < Each; n++) await DoAsync(connection, random);
    }

    private async Task DoAsync(NpgsqlConnection connection, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                var (hold, n) = AnyHold(random);
                await _room.HoldAsync(connection, hold, n % Users + 1, n + 2.5m);
                break;
            case 1:
                var (ended, of) = AnyHold(random);
                await _room.ReleaseAsync(connection, ended, of % Users + 1);
                break;
            case 2:
                var transfer = AnyTransfer(random);
                await PostAndCommitAsync(connection, transfer);
                break;
            default:
                await PostInTransactionAsync(connection, random);
                break;
        }
    }

    private async Task PostAndCommitAsync(NpgsqlConnection connection, NewTransfer transfer)
    {
        try
        {
            Note(transfer, Assert.Single(await PostTransfers.AndCommitAsync(connection, [transfer], Cancelled)));
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another transaction has posted that reference meanwhile, over other accounts.
        }
    }

    private async Task PostInTransactionAsync(NpgsqlConnection connection, Random random)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        NewTransfer[] transfers = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => AnyTransfer(random))];
        IReadOnlyList<PostOutcome> outcomes;
        try
        {
            outcomes = await PostTransfers.RunAsync(connection, transfers, Cancelled);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another has posted that reference meanwhile, over other accounts: PostTransfers says so.
            await transaction.RollbackAsync(Cancelled);
            return;
        }

        switch (random.Next(4))
        {
            case 0:
                await transaction.RollbackAsync(Cancelled);
                return;
            case 1:
                await CommitLedger.RunAsync(transaction, Cancelled);
                break;
            default:
                await transaction.CommitAsync(Cancelled);
                break;
        }

        foreach (var (transfer, outcome) in transfers.Zip(outcomes)) Note(transfer, outcome);
    }

    private void Note(NewTransfer transfer, PostOutcome outcome)
    {
        if (outcome == PostOutcome.Posted) _posted.Add(transfer);
    }

    // Two to four accounts; every third one tries to use up the hold of some reference.
    private NewTransfer AnyTransfer(Random random)
    {
        var accounts = _accounts.ToArray();
        random.Shuffle(accounts);
        var others = accounts.Skip(1).Take(random.Next(1, 4)).Select(account => (account, Amount(random) * (random.Next(2) == 0 ? 1 : -1))).ToArray();
        var sum = others.Sum(other => other.Item2);
        (long, decimal)[] postings = sum == 0 ? [(accounts[0], 1m), (accounts[1], -1m)] : [(accounts[0], -sum), .. others];
        return _room.Transfer($"{random.Next(References)}", postings) with { UsingHold = random.Next(3) == 0 ? AnyHold(random).Reference : null };
    }

    // Which account and how much goes with the reference: placed again, it is the same hold.
    private (string Reference, int N) AnyHold(Random random) => random.Next(40) is var n ? ($"{_room.Currency}:{n}", n) : default;

    private static decimal Amount(Random random) => random.Next(1, 4_000_000) / 10_000m;
}
