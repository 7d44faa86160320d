using Npgsql;

namespace Data.Ledger;

/// <summary>
/// Commits a transaction that has locked accounts, and lets the next one have them before the disk is waited for.
/// <para>
/// A commit keeps its locks until its log is on disk, 1 ms and more, and all that while nobody else can use the account: an account that all
/// want gets some 300 transfers a second so, and 1,000 like this (docs/performance.md). So this one commits without waiting, and then waits
/// by a second, empty commit: the log is written in order, so when that one is on disk the first is too, and what others did on top of it comes later
/// still.
/// </para>
/// What the caller was told is on disk, as ever. What others may read in that millisecond can be gone after a crash of the server, as if it had never been.
/// </summary>
public static class CommitLedger
{
    /// <summary>Commits; returns when it is on disk. One round trip.</summary>
    /// <param name="transaction">It ends with this.</param>
    /// <param name="cancellationToken">The caller's. Cancelled or broken off: it may have been committed.</param>
    public static async Task RunAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("The transaction has ended already.");
        await using var batch = new NpgsqlBatch(connection);
        AddTo(batch);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The same at the end of a batch of statements, which go to the server with it. When one of them fails, nothing is committed.</summary>
    /// <param name="batch">Of a connection in a transaction, which ends with this.</param>
    public static void AddTo(NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new("SET LOCAL synchronous_commit = off"));
        batch.BatchCommands.Add(new("COMMIT"));
        batch.BatchCommands.Add(new("SELECT pg_logical_emit_message(true, 'ledger', '')"));
    }
}
