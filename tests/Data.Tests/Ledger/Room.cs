using Data.Ledger;
using Npgsql;

namespace Data.Tests.Ledger;

/// <summary>A currency that no other test uses, with accounts in it: the ledger as if nobody else were there.</summary>
public sealed class Room(Database database)
{
    public string Currency { get; } = $"T{Guid.NewGuid():N}"[..12];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(Cancelled);
        return connection;
    }

    /// <summary>User n's account, with money from the bank in it.</summary>
    public async Task<long> OpenUserAsync(int n, decimal balance = 0)
    {
        await using var connection = await ConnectAsync();
        var user = await OpenAccount.RunAsync(connection, Accounts.OfUser(n, Currency), Cancelled);
        if (balance != 0) Assert.Equal(PostOutcome.Posted, await PostAsync($"opening:{n}", (await OpenBankAsync(), -balance), (user, balance)));
        return user;
    }

    public async Task<long> OpenBankAsync(long user = 0)
    {
        await using var connection = await ConnectAsync();
        return await OpenAccount.RunAsync(connection, Accounts.OfBank(user, Currency), Cancelled);
    }

    public NewTransfer Transfer(string reference, params (long Account, decimal Amount)[] postings) =>
        new($"{Currency}:{reference}", "test", Currency, [.. postings.Select(posting => new Posting(posting.Account, posting.Amount))]);

    public Task<PostOutcome> PostAsync(string reference, params (long Account, decimal Amount)[] postings) => PostAsync(Transfer(reference, postings));

    public async Task<PostOutcome> PostAsync(NewTransfer transfer)
    {
        await using var connection = await ConnectAsync();
        return Assert.Single(await PostTransfers.AndCommitAsync(connection, [transfer], Cancelled));
    }

    /// <summary>Places a hold on user n's account.</summary>
    public async Task<bool> HoldAsync(string reference, int n, decimal amount)
    {
        await using var connection = await ConnectAsync();
        return await HoldAsync(connection, $"{Currency}:{reference}", n, amount);
    }

    /// <summary>Places a hold on user n's account in a transaction of its own.</summary>
    public async Task<bool> HoldAsync(NpgsqlConnection connection, string reference, int n, decimal amount)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        var isPlaced = await PlaceHold.RunAsync(connection, reference, Accounts.OfUser(n, Currency), amount, Cancelled);
        await transaction.CommitAsync(Cancelled);
        return isPlaced;
    }

    /// <summary>Releases a hold on user n's account, as a payment that fails does.</summary>
    public async Task<bool> ReleaseAsync(NpgsqlConnection connection, string reference, int n)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var read = new NpgsqlBatch(connection);
        var user = Accounts.OfUser(n, Currency);
        LockedLedger.AddTo(
            read,
            new($"SELECT {LockedLedger.Columns} FROM accounts WHERE owner = '{user.Owner}' AND currency = '{Currency}' FOR NO KEY UPDATE"),
            references: [],
            holds: [reference]);
        LockedLedger ledger;
        await using (var row = await read.ExecuteReaderAsync(Cancelled)) ledger = await LockedLedger.ReadAsync(row, Cancelled);
        if (!ledger.ReleaseHold(reference)) return false;
        await using var write = new NpgsqlBatch(connection);
        WriteLedger.AddTo(write, ledger);
        await write.ExecuteNonQueryAsync(Cancelled);
        await transaction.CommitAsync(Cancelled);
        return true;
    }

    /// <summary>Balance and held of an account, in the fewest digits: <c>12.5 held 3</c>.</summary>
    public async Task<string> StateAsync(long account) => Assert.Single(await database.ReadAsync(
        $"SELECT trim_scale(balance)::text || ' held ' || trim_scale(held)::text FROM accounts WHERE id = {account}"));

    /// <summary>What is wrong with this currency's accounts, recomputed from entries and holds; none when all is well.</summary>
    public Task<IReadOnlyList<string>> FaultsAsync() => database.ReadAsync(
        $"""
        WITH mine AS (SELECT * FROM accounts WHERE currency = '{Currency}'),
        lines AS (
            SELECT e.*, sum(e.amount) OVER (PARTITION BY e.account_id ORDER BY e.transfer_id) AS running FROM entries e JOIN mine ON mine.id = e.account_id)
        SELECT 'balance of ' || owner FROM mine WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM entries WHERE account_id = mine.id)
        UNION ALL SELECT 'held of ' || owner FROM mine WHERE held <> (SELECT coalesce(sum(amount), 0) FROM holds WHERE account_id = mine.id)
        UNION ALL SELECT 'available of ' || owner FROM mine WHERE kind <> 'bank' AND balance < held
        UNION ALL SELECT 'balance_after of ' || transfer_id FROM lines WHERE balance_after <> running
        UNION ALL SELECT 'sum of ' || transfer_id FROM lines GROUP BY transfer_id HAVING sum(amount) <> 0 OR count(*) < 2
        UNION ALL SELECT 'total' FROM mine HAVING sum(balance) <> 0
        """);
}
