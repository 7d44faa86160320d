using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>
/// Posts many transfers at once: locks their accounts and reads them (one round trip), decides about one transfer after the other here
/// (<see cref="LockedLedger"/>), and writes what came of all by a statement a table (another). An account that all want is updated once.
/// </summary>
public static class PostTransfers
{
    private const string LockAccounts = $"SELECT {LockedLedger.Columns} FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

    /// <summary>Posts them.</summary>
    /// <param name="connection">In a transaction, which the caller commits; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="transfers">What to move.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>
    /// The outcomes, in the order of the transfers: of two that together want too much from an account the second is <see cref="PostOutcome.InsufficientBalance"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A transfer is none (see <see cref="NewTransfer"/>), or an account is not there or has another currency. Nothing was posted.</exception>
    /// <exception cref="PostgresException">23505: another transaction has posted one of the references at this moment, over none of these accounts.</exception>
    public static async Task<IReadOnlyList<PostOutcome>> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        var ledger = await LockAsync(connection, transfers, cancellationToken);
        PostOutcome[] outcomes = [.. transfers.Select(ledger.Post)];
        if (!outcomes.Contains(PostOutcome.Posted)) return outcomes;
        await using var batch = new NpgsqlBatch(connection);
        WriteLedger.AddTo(batch, ledger);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return outcomes;
    }

    private static async Task<LockedLedger> LockAsync(NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        LockedLedger.AddTo(
            batch,
            new(LockAccounts) { Parameters = { Column.Of([.. transfers.SelectMany(transfer => transfer.Postings).Select(posting => posting.AccountId).Distinct()], NpgsqlDbType.Bigint) } },
            [.. transfers.Select(transfer => transfer.Reference)],
            [.. transfers.Select(transfer => transfer.UsingHold).OfType<string>()]);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await LockedLedger.ReadAsync(row, cancellationToken);
    }
}
