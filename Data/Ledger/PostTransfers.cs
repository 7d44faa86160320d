using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>A hold to be given back.</summary>
/// <param name="Reference">As it was placed.</param>
/// <param name="AccountId">The account that it is on.</param>
public readonly record struct HoldToRelease(string Reference, long AccountId);

/// <summary>
/// Posts many transfers at once, in the caller's transaction: locks their accounts, in the order of the ids, and reads them (one round trip), decides about one
/// transfer after the other here (<see cref="LockedLedger"/>), and writes what came of all by a statement a table (another). An account that all want is
/// updated once. 32 in a batch cost a sixth of what they cost one by one (docs/performance.md).
/// </summary>
public sealed class PostTransfers
{
    private const string LockAccounts = "SELECT id, kind, currency, balance, held FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

    // After the accounts' locks, under which holds come and go and these references are posted: this look is the last word.
    private const string ReadHolds = "SELECT reference, account_id, amount FROM holds WHERE reference = ANY ($1) AND account_id = ANY ($2)";
    private const string ReadPosted = "SELECT reference FROM transfers WHERE reference = ANY ($1)";

    private const string DeleteHolds = "DELETE FROM holds WHERE reference = ANY ($1)";

    private const string Insert =
        """
        WITH made AS (
            INSERT INTO transfers (reference, kind, currency)
            SELECT reference, kind, currency FROM unnest($1, $2, $3) WITH ORDINALITY AS t (reference, kind, currency, n) ORDER BY n
            RETURNING id, reference)
        INSERT INTO entries (transfer_id, account_id, amount, balance_after)
        SELECT made.id, e.account_id, e.amount, e.balance_after
        FROM unnest($4, $5, $6, $7) AS e (reference, account_id, amount, balance_after) JOIN made ON made.reference = e.reference
        """;

    private const string UpdateAccounts =
        "UPDATE accounts AS a SET balance = new.balance, held = new.held FROM unnest($1, $2, $3) AS new (id, balance, held) WHERE a.id = new.id";

    private readonly LockedLedger _ledger;

    private PostTransfers(LockedLedger ledger, IReadOnlyList<PostOutcome> outcomes) => (_ledger, Outcomes) = (ledger, outcomes);

    /// <summary>
    /// What becomes of each, in their order: of two that together want too much from an account the second is <see cref="PostOutcome.InsufficientBalance"/>.
    /// </summary>
    public IReadOnlyList<PostOutcome> Outcomes { get; }

    /// <summary>Posts them.</summary>
    /// <param name="connection">In a transaction, which the caller commits; READ COMMITTED, PostgreSQL's default.</param>
    /// <param name="transfers">What to move.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>The outcomes, in the order of the transfers.</returns>
    /// <exception cref="ArgumentException">A transfer is none (see <see cref="NewTransfer"/>), or an account is not there or has another currency. Nothing was posted.</exception>
    /// <exception cref="PostgresException">23505: another transaction has posted one of the references at this moment, over none of these accounts.</exception>
    public static async Task<IReadOnlyList<PostOutcome>> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, CancellationToken cancellationToken)
    {
        var decided = await DecideAsync(connection, transfers, [], cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        decided.AddTo(batch);
        if (batch.BatchCommands.Count == 0) return decided.Outcomes;
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return decided.Outcomes;
    }

    /// <summary>Locks, reads and decides; <see cref="AddTo"/> writes it.</summary>
    /// <param name="connection">As <see cref="RunAsync"/> has it.</param>
    /// <param name="transfers">What to move.</param>
    /// <param name="releases">What to give back; a hold that is not there (any more) is none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static async Task<PostTransfers> DecideAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, IReadOnlyList<HoldToRelease> releases, CancellationToken cancellationToken)
    {
        var ledger = await LockAsync(connection, transfers, releases, cancellationToken);
        foreach (var release in releases) ledger.Release(release.Reference);
        return new(ledger, [.. transfers.Select(ledger.Post)]);
    }

    /// <summary>Adds the statements that write it; none when there is nothing to write.</summary>
    /// <param name="batch">Of the connection that it was decided on, in the same transaction.</param>
    public void AddTo(NpgsqlBatch batch)
    {
        if (_ledger.Ended.Count > 0)
            batch.BatchCommands.Add(new(DeleteHolds) { Parameters = { Column.Of([.. _ledger.Ended], NpgsqlDbType.Text) } });
        if (_ledger.Transfers.Count > 0) batch.BatchCommands.Add(ToInsert());
        var changed = _ledger.Changed.ToArray();
        if (changed.Length == 0) return;
        batch.BatchCommands.Add(new(UpdateAccounts)
        {
            Parameters =
            {
                Column.Of([.. changed.Select(account => account.Id)], NpgsqlDbType.Bigint),
                Column.Of([.. changed.Select(account => account.State.Balance)], NpgsqlDbType.Numeric),
                Column.Of([.. changed.Select(account => account.State.Held)], NpgsqlDbType.Numeric),
            },
        });
    }

    private NpgsqlBatchCommand ToInsert() => new(Insert)
    {
        Parameters =
        {
            Column.Of([.. _ledger.Transfers.Select(transfer => transfer.Reference)], NpgsqlDbType.Text),
            Column.Of([.. _ledger.Transfers.Select(transfer => transfer.Kind)], NpgsqlDbType.Text),
            Column.Of([.. _ledger.Transfers.Select(transfer => transfer.Currency)], NpgsqlDbType.Text),
            Column.Of([.. _ledger.Entries.Select(entry => entry.Reference)], NpgsqlDbType.Text),
            Column.Of([.. _ledger.Entries.Select(entry => entry.AccountId)], NpgsqlDbType.Bigint),
            Column.Of([.. _ledger.Entries.Select(entry => entry.Amount)], NpgsqlDbType.Numeric),
            Column.Of([.. _ledger.Entries.Select(entry => entry.BalanceAfter)], NpgsqlDbType.Numeric),
        },
    };

    private static async Task<LockedLedger> LockAsync(
        NpgsqlConnection connection, IReadOnlyList<NewTransfer> transfers, IReadOnlyList<HoldToRelease> releases, CancellationToken cancellationToken)
    {
        long[] ids = [.. transfers.SelectMany(transfer => transfer.Postings).Select(posting => posting.AccountId).Concat(releases.Select(release => release.AccountId)).Distinct()];
        string[] held = [.. transfers.Select(transfer => transfer.UsingHold).OfType<string>().Concat(releases.Select(release => release.Reference))];
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(LockAccounts) { Parameters = { Column.Of(ids, NpgsqlDbType.Bigint) } });
        batch.BatchCommands.Add(new(ReadHolds) { Parameters = { Column.Of(held, NpgsqlDbType.Text), Column.Of(ids, NpgsqlDbType.Bigint) } });
        batch.BatchCommands.Add(new(ReadPosted) { Parameters = { Column.Of([.. transfers.Select(transfer => transfer.Reference)], NpgsqlDbType.Text) } });
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);

        var accounts = new Dictionary<long, LockedLedger.State>(ids.Length);
        while (await row.ReadAsync(cancellationToken)) accounts.Add(row.GetInt64(0), new(row.GetString(1), row.GetString(2), row.GetDecimal(3), row.GetDecimal(4)));
        await row.NextResultAsync(cancellationToken);
        var holds = new Dictionary<string, LockedLedger.Hold>(held.Length, StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) holds.Add(row.GetString(0), new(row.GetInt64(1), row.GetDecimal(2)));
        await row.NextResultAsync(cancellationToken);
        var posted = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken)) posted.Add(row.GetString(0));
        return new(accounts, holds, posted);
    }
}
