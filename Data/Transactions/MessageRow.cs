using Contracts;
using Npgsql;

namespace Data.Transactions;

/// <summary>The message of a transaction, made from its row: for whoever sends a record again, or sends on what is stored.</summary>
public static class MessageRow
{
    /// <summary>
    /// Of the row that the reader stands on, whose first columns are transaction_id, source_account, destination_account, amount, currency,
    /// created_at.
    /// </summary>
    public static TransactionMessage Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetDecimal(3), row.GetString(4), row.GetDateTime(5));
}
