using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>What became of a transfer.</summary>
public enum PostOutcome
{
    /// <summary>The money has moved, once the caller's transaction commits.</summary>
    Posted,

    /// <summary>A transfer with this reference is there already. Nothing happened.</summary>
    AlreadyPosted,

    /// <summary>A user's account has less available than the transfer takes from it. Nothing happened; the caller's transaction goes on.</summary>
    InsufficientBalance,

    /// <summary>The hold it was to use up is not there (any more). Nothing happened; the caller's transaction goes on.</summary>
    NoHold,
}

/// <summary>
/// Moves money: one function of the database (<c>post_transfer</c>), one round trip, in the caller's transaction; without one it is a transaction
/// by itself, for which <see cref="AndCommitAsync"/> is the faster way.
/// Locks the accounts in the order of their ids until the transaction ends: several transfers of one transaction go through
/// <see cref="PostTransfers"/>, or two transactions may lock each other out.
/// </summary>
public static class PostTransfer
{
    private const string Sql = "SELECT post_transfer($1, $2, $3, $4, $5, $6)";

    private const string AndCommitSql = "CALL post_transfer_and_commit($1, $2, $3, $4, $5, $6, NULL)";

    /// <summary>Posts a transfer.</summary>
    /// <param name="connection">Open; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="transfer">What to move.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ArgumentException">The transfer is none; see <see cref="NewTransfer"/>.</exception>
    /// <exception cref="PostgresException">An account is not there or has another currency; its message says which.</exception>
    public static Task<PostOutcome> RunAsync(NpgsqlConnection connection, NewTransfer transfer, CancellationToken cancellationToken) =>
        RunAsync(connection, Sql, transfer, cancellationToken);

    /// <summary>
    /// Posts a transfer in a transaction of its own: one round trip with the commit, and the accounts are locked for no longer than the statements take, as
    /// <see cref="CommitLedger"/> says.
    /// </summary>
    /// <param name="connection">Open, with no transaction.</param>
    /// <param name="transfer">What to move.</param>
    /// <param name="cancellationToken">The caller's. Cancelled or broken off: it may have been posted; ask again.</param>
    /// <exception cref="ArgumentException">The transfer is none; see <see cref="NewTransfer"/>.</exception>
    /// <exception cref="PostgresException">An account is not there or has another currency; its message says which.</exception>
    public static Task<PostOutcome> AndCommitAsync(NpgsqlConnection connection, NewTransfer transfer, CancellationToken cancellationToken) =>
        RunAsync(connection, AndCommitSql, transfer, cancellationToken);

    private static async Task<PostOutcome> RunAsync(NpgsqlConnection connection, string sql, NewTransfer transfer, CancellationToken cancellationToken)
    {
        var postings = transfer.ToPost();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(Value.Text(transfer.Reference));
        command.Parameters.Add(Value.Text(transfer.Kind));
        command.Parameters.Add(Value.Text(transfer.Currency));
        command.Parameters.Add(Column.Of([.. postings.Select(posting => posting.AccountId)], NpgsqlDbType.Bigint));
        command.Parameters.Add(Column.Of([.. postings.Select(posting => posting.Amount)], NpgsqlDbType.Numeric));
        command.Parameters.Add(Value.Text(transfer.UsingHold));
        await command.PrepareAsync(cancellationToken);
        return OutcomeOf((string)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private static PostOutcome OutcomeOf(string outcome) => outcome switch
    {
        "posted" => PostOutcome.Posted,
        "already_posted" => PostOutcome.AlreadyPosted,
        "insufficient_balance" => PostOutcome.InsufficientBalance,
        "no_hold" => PostOutcome.NoHold,
        _ => throw new InvalidOperationException($"post_transfer answered '{outcome}', which this version does not know."),
    };
}
