using System.Collections.Immutable;

namespace Data.Ledger;

/// <summary>
/// The ledger's own rules. Each statement reads its tables once and makes sentences for violations only: a million transfers
/// take seconds (docs/performance.md).
/// </summary>
public static class LedgerRules
{
    /// <summary>
    /// An account's balance is the sum of its entries and the balance after its last one; held is the sum of its holds; what is available is not negative.
    /// </summary>
    /// <param name="ofAccounts">The condition of entries and holds that are read; empty for all.</param>
    /// <param name="accounts">That of accounts.</param>
    private static string OfAccounts(string ofAccounts, string accounts) =>
        $"""
        WITH moved AS (SELECT account_id, sum(amount) AS total, max(transfer_id) AS last FROM entries {ofAccounts} GROUP BY account_id),
        promised AS (SELECT account_id, sum(amount) AS total FROM holds {ofAccounts} GROUP BY account_id),
        seen AS (
            SELECT a.id, a.owner, a.kind, a.currency, format('Account %s (%s, %s): ', a.id, a.owner, a.currency) AS name, a.balance, a.held,
                coalesce(moved.total, 0) AS moved, coalesce(promised.total, 0) AS promised, coalesce(last.balance_after, 0) AS last_said
            FROM accounts a
            LEFT JOIN moved ON moved.account_id = a.id LEFT JOIN promised ON promised.account_id = a.id
            LEFT JOIN entries last ON last.transfer_id = moved.last AND last.account_id = a.id
            WHERE {accounts} (a.balance <> coalesce(moved.total, 0) OR a.balance <> coalesce(last.balance_after, 0)
                OR a.held <> coalesce(promised.total, 0) OR (a.kind <> 'bank' AND a.balance < a.held)))
        SELECT said, id, owner, kind, currency, expected, actual FROM seen, LATERAL (
            SELECT format('%sits balance is %s, but its entries sum to %s.', name, balance, moved) AS said, moved AS expected, balance AS actual
                WHERE balance <> moved
            UNION ALL SELECT format('%sits balance is %s, but its last entry leaves %s.', name, balance, last_said), last_said, balance
                WHERE balance <> last_said
            UNION ALL SELECT format('%sit holds %s, but its holds sum to %s.', name, held, promised), promised, held WHERE held <> promised
            UNION ALL SELECT format('%s%s is available, which is below zero.', name, balance - held), 0, balance - held
                WHERE kind <> 'bank' AND balance < held
        ) AS differences ORDER BY id, said
        """;

    /// <summary>A transfer has two or more entries, of accounts in its currency, that sum to zero. Every entry has a transfer.</summary>
    private const string OfTransfers =
        """
        WITH sums AS (
            SELECT e.transfer_id, sum(e.amount) AS total, count(*) AS entries, count(a.id) AS known, min(a.currency) AS lowest, max(a.currency) AS highest
            FROM entries e LEFT JOIN accounts a ON a.id = e.account_id GROUP BY e.transfer_id),
        seen AS (
            SELECT coalesce(t.id, s.transfer_id) AS id, t.id IS NULL AS is_missing, t.currency,
                coalesce(s.entries, 0) AS entries, coalesce(s.total, 0) AS total, s.known, s.lowest, s.highest,
                format('Transfer %s (%s): ', coalesce(t.id, s.transfer_id), coalesce(t.reference, 'which is not there')) AS name
            FROM transfers t FULL JOIN sums s ON s.transfer_id = t.id
            WHERE t.id IS NULL OR s.transfer_id IS NULL OR s.total <> 0 OR s.entries < 2 OR s.known < s.entries
                OR s.lowest <> t.currency OR s.highest <> t.currency)
        SELECT said FROM (
            SELECT id, format('%sit has %s entries, but no row of its own.', name, entries) AS said FROM seen WHERE is_missing
            UNION ALL SELECT id, format('%sits entries sum to %s, not 0.', name, total) FROM seen WHERE total <> 0
            UNION ALL SELECT id, format('%sit has %s entries; two are the least.', name, entries) FROM seen WHERE entries < 2
            UNION ALL SELECT id, format('%s%s of its entries are of accounts that are not there.', name, entries - known) FROM seen WHERE known < entries
            UNION ALL SELECT id, format('%sit is in %s, but has an entry of an account in %s.', name, currency,
                CASE WHEN lowest <> currency THEN lowest ELSE highest END) FROM seen WHERE lowest <> currency OR highest <> currency
        ) AS differences ORDER BY id, said
        """;

    /// <summary>Balances per currency sum to zero.</summary>
    private const string OfTotals =
        """
        SELECT format('All accounts in %s together have %s, not 0.', currency, sum(balance)), NULL::bigint, NULL, NULL, currency, 0::numeric, sum(balance)
        FROM accounts GROUP BY currency HAVING sum(balance) <> 0 ORDER BY currency
        """;

    /// <summary>The rules of an account, of the accounts of the owner <c>$1</c> alone.</summary>
    internal static string OfOwner { get; } = OfAccounts("WHERE account_id = ANY (ARRAY(SELECT id FROM accounts WHERE owner = $1))", "a.owner = $1 AND");

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<LedgerRule> All = [new(OfAccounts(ofAccounts: "", accounts: "")), new(OfTransfers), new(OfTotals)];
}
