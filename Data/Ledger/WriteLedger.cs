using Npgsql;
using NpgsqlTypes;

namespace Data.Ledger;

/// <summary>Writes the changes of a <see cref="LockedLedger"/>: one statement per table, however many transfers there are.</summary>
internal static class WriteLedger
{
    private const string DeleteHolds = "DELETE FROM holds WHERE reference = ANY ($1)";
    private const string InsertHolds = "INSERT INTO holds (reference, account_id, amount) SELECT * FROM unnest($1, $2, $3)";

    // Transfers get their ids in the order in which they were posted: balance_after is the running sum over them.
    private const string Insert =
        """
        WITH made AS (
            INSERT INTO transfers (reference, kind, currency, description)
            SELECT reference, kind, currency, description
            FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS t (reference, kind, currency, description, n) ORDER BY n
            RETURNING id, reference)
        INSERT INTO entries (transfer_id, account_id, amount, balance_after)
        SELECT made.id, e.account_id, e.amount, e.balance_after
        FROM unnest($5, $6, $7, $8) AS e (reference, account_id, amount, balance_after) JOIN made ON made.reference = e.reference
        """;

    private const string UpdateAccounts =
        "UPDATE accounts AS a SET balance = new.balance, held = new.held FROM unnest($1, $2, $3) AS new (id, balance, held) WHERE a.id = new.id";

    /// <summary>Adds the statements; none when nothing has changed.</summary>
    /// <param name="batch">In the transaction that holds the locks.</param>
    /// <param name="ledger">The changed ledger.</param>
    public static void AddTo(NpgsqlBatch batch, LockedLedger ledger)
    {
        if (ledger.EndedHolds.Count > 0)
            batch.BatchCommands.Add(new(DeleteHolds) { Parameters = { Parameter.Array([.. ledger.EndedHolds], NpgsqlDbType.Text) } });
        if (ledger.Transfers.Count > 0) batch.BatchCommands.Add(ToInsert(ledger));
        if (ledger.PlacedHolds.Count > 0) batch.BatchCommands.Add(ToInsertHolds(ledger));
        var changed = ledger.Changed.ToArray();
        if (changed.Length == 0) return;
        batch.BatchCommands.Add(new(UpdateAccounts)
        {
            Parameters =
            {
                Parameter.Array([.. changed.Select(account => account.Id)], NpgsqlDbType.Bigint),
                Parameter.Array([.. changed.Select(account => account.State.Balance)], NpgsqlDbType.Numeric),
                Parameter.Array([.. changed.Select(account => account.State.Held)], NpgsqlDbType.Numeric),
            },
        });
    }

    private static NpgsqlBatchCommand ToInsert(LockedLedger ledger) => new(Insert)
    {
        Parameters =
        {
            Parameter.Array([.. ledger.Transfers.Select(transfer => transfer.Reference)], NpgsqlDbType.Text),
            Parameter.Array([.. ledger.Transfers.Select(transfer => transfer.Kind)], NpgsqlDbType.Text),
            Parameter.Array([.. ledger.Transfers.Select(transfer => transfer.Currency)], NpgsqlDbType.Text),
            Parameter.Array([.. ledger.Transfers.Select(transfer => transfer.Description)], NpgsqlDbType.Text),
            Parameter.Array([.. ledger.Entries.Select(entry => entry.Reference)], NpgsqlDbType.Text),
            Parameter.Array([.. ledger.Entries.Select(entry => entry.AccountId)], NpgsqlDbType.Bigint),
            Parameter.Array([.. ledger.Entries.Select(entry => entry.Amount)], NpgsqlDbType.Numeric),
            Parameter.Array([.. ledger.Entries.Select(entry => entry.BalanceAfter)], NpgsqlDbType.Numeric),
        },
    };

    private static NpgsqlBatchCommand ToInsertHolds(LockedLedger ledger) => new(InsertHolds)
    {
        Parameters =
        {
            Parameter.Array([.. ledger.PlacedHolds.Select(hold => hold.Reference)], NpgsqlDbType.Text),
            Parameter.Array([.. ledger.PlacedHolds.Select(hold => hold.AccountId)], NpgsqlDbType.Bigint),
            Parameter.Array([.. ledger.PlacedHolds.Select(hold => hold.Amount)], NpgsqlDbType.Numeric),
        },
    };
}
