using Data;
using Npgsql;

namespace Query.Api.Wallets;

/// <summary>
/// A wallet's balance at a time: what its last entry up to then left. Entries have no time of their own, and transfers no index by it, which every transfer
/// would have to maintain; but their ids grow with time. So the last one is searched for by halving the range of the account's transfer ids: a few index
/// look-ups for each bit of the range, as many for an old time as for a new one (measured with 1,000,000 entries among 2,000,000
/// transfers: 168 to 184 blocks and about 1 ms, whatever the time; with 100,000 it was 144 to 160).
/// </summary>
/// <remarks>
/// A transfer's time is the begin of its transaction, and its id is drawn later, with the account locked: of transfers that wait for each other a later one may
/// have an earlier time, by the milliseconds that it waited. The search then ends beside any of them: at an entry that is not later than the time, with a next
/// one that is.
/// </remarks>
internal static class PastBalance
{
    // The last entry up to the time is that of the row found so far, or has an id above low and not above high. Each step looks at the last entry up to the
    // middle, and halves the range whether there is one or not.
    private const string Sql =
        """
        SELECT w.id, w.customer_id, coalesce(past.balance, 0), w.currency, w.is_active, w.created_at, past.created_at
        FROM wallets w
        LEFT JOIN accounts a ON a.owner = 'wallet:' || w.customer_id AND a.currency = w.currency
        LEFT JOIN LATERAL (
            WITH RECURSIVE search (low, high, balance, created_at) AS (
                SELECT min(transfer_id) - 1, max(transfer_id), NULL::numeric, NULL::timestamptz FROM entries WHERE account_id = a.id
                UNION ALL
                SELECT
                    CASE WHEN e.created_at > $2 THEN s.low ELSE s.middle END,
                    CASE WHEN e.created_at > $2 THEN e.transfer_id - 1 ELSE s.high END,
                    CASE WHEN e.created_at <= $2 THEN e.balance_after ELSE s.balance END,
                    CASE WHEN e.created_at <= $2 THEN e.created_at ELSE s.created_at END
                FROM (SELECT *, low + (high - low + 1) / 2 AS middle FROM search WHERE low < high) AS s
                LEFT JOIN LATERAL (
                    SELECT last.transfer_id, last.balance_after, t.created_at
                    FROM (SELECT transfer_id, balance_after FROM entries
                          WHERE account_id = a.id AND transfer_id > s.low AND transfer_id <= s.middle ORDER BY transfer_id DESC LIMIT 1) AS last
                    JOIN transfers t ON t.id = last.transfer_id) AS e ON true)
            SELECT balance, created_at FROM search WHERE low >= high) AS past ON true
        WHERE w.customer_id = $1
        """;

    /// <summary>Selects what <see cref="Data.Wallets.WalletReply.Read"/> reads; no row when there is no such wallet.</summary>
    /// <param name="database">Where the command runs.</param>
    /// <param name="customerId">The wallet's customer.</param>
    /// <param name="at">UTC.</param>
    public static NpgsqlCommand Command(NpgsqlDataSource database, string customerId, DateTime at)
    {
        var command = database.CreateCommand(Sql);
        command.Parameters.Add(Parameter.Text(customerId));
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = at });
        return command;
    }
}
