using Npgsql;

namespace Data.Ledger;

/// <summary>
/// Commits a transaction that has locked accounts, and releases the locks before the commit is on disk.
/// <para>
/// An ordinary commit keeps its locks until its log record is on disk, 1 ms and more. An account that every transaction needs reaches about 300
/// transfers a second that way, and 1,000 with this commit (docs/performance.md). It commits without waiting for the disk, and then waits for a
/// second, empty commit. The log is written in order: when the second commit is on disk, the first one is too, and whatever other transactions
/// built on it comes later in the log.
/// </para>
/// What the caller is told is on disk. What other sessions read in that millisecond can be gone after a crash of the server, together with
/// everything that was built on it.
/// </summary>
public static class CommitLedger
{
    /// <summary>Commits; returns when the commit is on disk. One round trip.</summary>
    /// <param name="transaction">It ends with this call.</param>
    /// <param name="cancellationToken">Cancels the wait. After a cancellation or a broken connection the transaction may have been committed.</param>
    public static async Task RunAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("The transaction has ended already.");
        await using var batch = new NpgsqlBatch(connection);
        AddTo(batch);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds the commit to the end of a batch. When one of the batch's statements fails, nothing is committed.</summary>
    /// <param name="batch">Of a connection in a transaction, which ends with the batch.</param>
    public static void AddTo(NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new("SET LOCAL synchronous_commit = off"));
        batch.BatchCommands.Add(new("COMMIT"));
        batch.BatchCommands.Add(new("SELECT pg_logical_emit_message(true, 'ledger', '')"));
    }
}
