using Contracts;
using Npgsql;

namespace Data.Transactions;

/// <summary>Makes the message of a transaction from its row, for publishing it again.</summary>
public static class MessageRow
{
    /// <summary>
    /// Reads the current row of a statement whose first columns are transaction_id, source_account, destination_account, amount, currency, created_at.
    /// </summary>
    public static TransactionMessage Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetDecimal(3), row.GetString(4), row.GetDateTime(5));
}
