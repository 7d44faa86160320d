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
/// by itself, and that round trip is the commit as well.
/// Locks the accounts in the order of their ids until the transaction ends: two transfers in one transaction go through
/// <see cref="RunAsync(NpgsqlConnection, IReadOnlyList{NewTransfer}, CancellationToken)"/>, or they may lock each other out.
/// </summary>
public static class PostTransfer
{
    private const string Sql = "SELECT post_transfer($1, $2, $3, $4, $5, $6)";

    private const string ManySql = "SELECT outcome FROM post_transfers($1, $2, $3, $4, $5, $6, $7) AS outcome";

    /// <summary>Posts a transfer.</summary>
    /// <param name="connection">Open; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="transfer">What to move.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="ArgumentException">The transfer is none; see <see cref="NewTransfer"/>.</exception>
    /// <exception cref="PostgresException">An account is not there or has another currency; its message says which.</exception>
    public static async Task<PostOutcome> RunAsync(NpgsqlConnection connection, NewTransfer transfer, CancellationToken cancellationToken)
    {
        transfer.Check();
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(Text(transfer.Reference));
        command.Parameters.Add(Text(transfer.Kind));
        command.Parameters.Add(Text(transfer.Currency));
        command.Parameters.Add(Column.Of([.. transfer.Postings.Select(posting => posting.AccountId)], NpgsqlDbType.Bigint));
        command.Parameters.Add(Column.Of([.. transfer.Postings.Select(posting => posting.Amount)], NpgsqlDbType.Numeric));
        command.Parameters.Add(Text(transfer.UsingHold));
        await command.PrepareAsync(cancellationToken);
        return OutcomeOf((string)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>
    /// Posts transfers one after the other in one round trip, each with an outcome of its own: of two that together want too much from an account
    /// the second is <see cref="PostOutcome.InsufficientBalance"/>. All accounts are locked before the first.
    /// </summary>
    /// <param name="connection">Open; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="transfers">What to move.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>The outcomes, in the order of the transfers.</returns>
    /// <exception cref="ArgumentException">A transfer is none; see <see cref="NewTransfer"/>. Nothing was posted.</exception>
    /// <exception cref="PostgresException">An account is not there or has another currency; its message says which. Nothing was posted.</exception>
    public static async Task<IReadOnlyList<PostOutcome>> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        foreach (var transfer in transfers) transfer.Check();
        var postings = transfers.SelectMany((transfer, n) => transfer.Postings.Select(posting => (Of: n + 1, posting.AccountId, posting.Amount))).ToArray();
        await using var command = new NpgsqlCommand(ManySql, connection);
        command.Parameters.Add(Column.Of([.. transfers.Select(transfer => transfer.Reference)], NpgsqlDbType.Text));
        command.Parameters.Add(Column.Of([.. transfers.Select(transfer => transfer.Kind)], NpgsqlDbType.Text));
        command.Parameters.Add(Column.Of([.. transfers.Select(transfer => transfer.Currency)], NpgsqlDbType.Text));
        command.Parameters.Add(Column.Of([.. transfers.Select(transfer => transfer.UsingHold)], NpgsqlDbType.Text));
        command.Parameters.Add(Column.Of([.. postings.Select(posting => posting.Of)], NpgsqlDbType.Integer));
        command.Parameters.Add(Column.Of([.. postings.Select(posting => posting.AccountId)], NpgsqlDbType.Bigint));
        command.Parameters.Add(Column.Of([.. postings.Select(posting => posting.Amount)], NpgsqlDbType.Numeric));
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var outcomes = new List<PostOutcome>(transfers.Count);
        while (await reader.ReadAsync(cancellationToken)) outcomes.Add(OutcomeOf(reader.GetString(0)));
        return outcomes;
    }

    private static NpgsqlParameter<string?> Text(string? value) => new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static PostOutcome OutcomeOf(string outcome) => outcome switch
    {
        "posted" => PostOutcome.Posted,
        "already_posted" => PostOutcome.AlreadyPosted,
        "insufficient_balance" => PostOutcome.InsufficientBalance,
        "no_hold" => PostOutcome.NoHold,
        _ => throw new InvalidOperationException($"post_transfer answered '{outcome}', which this version does not know."),
    };
}
