using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>Locks accounts by their names, and opens those that are not there. One round trip, three where an account is new.</summary>
internal static class LockAccounts
{
    // Each name is looked up by itself, and the rows are locked by their ids. `owner = ANY ($1) ... ORDER BY id` was planned as a walk over all accounts in the
    // order of their ids while there were few, and the plan stayed when there were thousands (448 charges a second).
    private const string ByName =
        $"""
        SELECT {LockedLedger.Columns} FROM accounts
        WHERE id = ANY (ARRAY(
            SELECT known.id FROM unnest($1) AS wanted (owner),
                LATERAL (SELECT id FROM accounts WHERE owner = wanted.owner AND currency = $2 LIMIT 1) AS known))
        ORDER BY id FOR NO KEY UPDATE
        """;

    /// <param name="connection">In a transaction; READ COMMITTED, PostgreSQL's default. The accounts stay locked until it ends.</param>
    /// <param name="accounts">All in one currency; duplicates are allowed. A wallet's account that does not exist is not opened: its wallet opens it.</param>
    /// <param name="references">References of the transfers that may be posted.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<LockedLedger> RunAsync(
        NpgsqlConnection connection, IReadOnlyCollection<AccountName> accounts, string[] references, CancellationToken cancellationToken)
    {
        var ledger = await LockThoseThereAsync(connection, accounts, references, cancellationToken);
        AccountName[] missing = [.. accounts.Where(account => account.Kind != AccountKind.Wallet && !ledger.Has(account))];
        if (missing.Length == 0) return ledger;
        await OpenAccount.RunAsync(connection, missing, cancellationToken);
        return await LockThoseThereAsync(connection, accounts, references, cancellationToken);
    }

    private static async Task<LockedLedger> LockThoseThereAsync(
        NpgsqlConnection connection, IReadOnlyCollection<AccountName> accounts, string[] references, CancellationToken cancellationToken)
    {
        var lockAccounts = new NpgsqlBatchCommand(ByName)
        {
            Parameters =
            {
                Parameter.Array([.. accounts.Select(account => account.Owner).Distinct()], NpgsqlDbType.Text),
                Parameter.Text(accounts.First().Currency),
            },
        };
        await using var batch = new NpgsqlBatch(connection);
        LockedLedger.AddTo(batch, lockAccounts, references, holds: []);
        await batch.PrepareAsync(cancellationToken);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await LockedLedger.ReadAsync(row, cancellationToken);
    }
}
