using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>
/// Posts transfers. One round trip locks and reads their accounts, <see cref="LockedLedger"/> decides about one transfer after the other, and
/// a second round trip writes the result with one statement per table. An account that many of the transfers share is updated once.
/// </summary>
public static class PostTransfers
{
    private const string LockAccounts = $"SELECT {LockedLedger.Columns} FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

    /// <summary>Posts transfers in the caller's transaction.</summary>
    /// <param name="connection">
    /// In a transaction, which the caller commits; READ COMMITTED, PostgreSQL's default. The accounts stay locked until it ends.
    /// </param>
    /// <param name="transfers">The transfers. A transaction calls this once: two calls could lock accounts out of order and deadlock.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    /// <returns>
    /// The outcomes, in the order of the transfers: of two that together take too much from an account the second is
    /// <see cref="PostOutcome.InsufficientBalance"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// A transfer is invalid (see <see cref="NewTransfer"/>), or an account does not exist or has another currency. Nothing was posted.
    /// </exception>
    /// <exception cref="PostgresException">23505: another transaction has posted one of the references at the same time, over other accounts.</exception>
    public static async Task<IReadOnlyList<PostOutcome>> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var outcomes = await DecideAsync(batch, transfers, cancellationToken);
        if (batch.BatchCommands.Count == 0) return outcomes;
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return outcomes;
    }

    /// <summary>
    /// Posts transfers in a transaction of its own, whose locks end before the disk is waited for; see <see cref="CommitLedger"/>. Two round trips.
    /// </summary>
    /// <param name="connection">Open, without a transaction.</param>
    /// <param name="transfers">The transfers.</param>
    /// <param name="cancellationToken">
    /// Cancels the statements. After a cancellation or a broken connection the transfers may have been posted; repeat the call.
    /// </param>
    /// <returns>As <see cref="RunAsync"/>.</returns>
    /// <exception cref="ArgumentException">As <see cref="RunAsync"/>.</exception>
    /// <exception cref="PostgresException">As <see cref="RunAsync"/>.</exception>
    public static async Task<IReadOnlyList<PostOutcome>> AndCommitAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var outcomes = await DecideAsync(batch, transfers, cancellationToken);
        if (batch.BatchCommands.Count == 0) return outcomes;
        CommitLedger.AddTo(batch);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return outcomes;
    }

    // Adds the statements that write the outcomes to the batch; none when no transfer was posted.
    private static async Task<PostOutcome[]> DecideAsync(NpgsqlBatch batch, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        foreach (var transfer in transfers) transfer.Validate();
        var ledger = await LockAsync(batch.Connection!, transfers, cancellationToken);
        PostOutcome[] outcomes = [.. transfers.Select(ledger.Post)];
        WriteLedger.AddTo(batch, ledger);
        return outcomes;
    }

    private static async Task<LockedLedger> LockAsync(NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        long[] accounts = [.. transfers.SelectMany(transfer => transfer.Postings).Select(posting => posting.AccountId).Distinct()];
        string[] references = [.. transfers.Select(transfer => transfer.Reference)];
        string[] holds = [.. transfers.Select(transfer => transfer.UsingHold).OfType<string>()];
        await using var batch = new NpgsqlBatch(connection);
        LockedLedger.AddTo(batch, new(LockAccounts) { Parameters = { Parameter.Array(accounts, NpgsqlDbType.Bigint) } }, references, holds);
        await batch.PrepareAsync(cancellationToken);
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await LockedLedger.ReadAsync(row, cancellationToken);
    }
}
