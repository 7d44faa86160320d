using System.Collections.Immutable;

namespace Processor.Worker.Ledger;

/// <summary>
/// What can be wrong with the ledger: statements that give a sentence for each thing that is. Each goes through its tables once, and words are made for what
/// is wrong alone: a million transfers take seconds (docs/performance.md).
/// </summary>
internal static class LedgerDifferences
{
    /// <summary>Balance and held are the sums of entries and holds, the last entry says the balance, and nobody has promised more than there is.</summary>
    private const string OfAccounts =
        """
        WITH moved AS (SELECT account_id, sum(amount) AS total, max(transfer_id) AS last FROM entries GROUP BY account_id),
        promised AS (SELECT account_id, sum(amount) AS total FROM holds GROUP BY account_id),
        seen AS (
            SELECT a.id, format('Account %s (%s, %s): ', a.id, a.owner, a.currency) AS name, a.kind, a.balance, a.held,
                coalesce(moved.total, 0) AS moved, coalesce(promised.total, 0) AS promised, coalesce(last.balance_after, 0) AS last_said
            FROM accounts a
            LEFT JOIN moved ON moved.account_id = a.id LEFT JOIN promised ON promised.account_id = a.id
            LEFT JOIN entries last ON last.transfer_id = moved.last AND last.account_id = a.id
            WHERE a.balance <> coalesce(moved.total, 0) OR a.balance <> coalesce(last.balance_after, 0) OR a.held <> coalesce(promised.total, 0)
                OR (a.kind <> 'bank' AND a.balance < a.held))
        SELECT said FROM (
            SELECT id, format('%sits balance is %s, but its entries sum to %s.', name, balance, moved) AS said FROM seen WHERE balance <> moved
            UNION ALL SELECT id, format('%sits balance is %s, but its last entry leaves %s.', name, balance, last_said) FROM seen WHERE balance <> last_said
            UNION ALL SELECT id, format('%sit holds %s, but its holds sum to %s.', name, held, promised) FROM seen WHERE held <> promised
            UNION ALL SELECT id, format('%s%s is available, which is below zero.', name, balance - held) FROM seen WHERE kind <> 'bank' AND balance < held
        ) AS differences ORDER BY id, said
        """;

    /// <summary>A transfer has two entries or more, of accounts in its currency, that sum to zero; and an entry has a transfer.</summary>
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

    /// <summary>A payment that succeeded has moved its amount, once; no other has moved anything.</summary>
    private const string OfPayments =
        """
        WITH seen AS (
            SELECT p.id, p.status, p.type, p.currency, t.id AS transfer, t.reference, t.kind, t.currency AS moved_currency, coalesce(e.amount, 0) AS moved,
                CASE p.type WHEN 'deposit' THEN p.amount ELSE -p.amount END AS meant,
                format('Payment %s (%s of %s %s, %s): ', p.id, p.type, p.amount, p.currency, p.status) AS name
            FROM payments p
            FULL JOIN (SELECT * FROM transfers WHERE reference LIKE 'payment:%') t ON t.reference = 'payment:' || p.id
            LEFT JOIN accounts a ON a.owner = 'user:' || p.user_id AND a.currency = p.currency
            LEFT JOIN entries e ON e.transfer_id = t.id AND e.account_id = a.id
            WHERE p.id IS NULL OR (p.status = 'success') <> (t.id IS NOT NULL) OR t.kind <> p.type OR t.currency <> p.currency
                OR (t.id IS NOT NULL AND coalesce(e.amount, 0) <> CASE p.type WHEN 'deposit' THEN p.amount ELSE -p.amount END))
        SELECT said FROM (
            SELECT transfer AS id, format('Transfer %s (%s): there is no such payment.', transfer, reference) AS said FROM seen WHERE id IS NULL
            UNION ALL SELECT id, format('%sit has no transfer.', name) FROM seen WHERE status = 'success' AND transfer IS NULL
            UNION ALL SELECT id, format('%sit has transfer %s, which only one that succeeded may have.', name, transfer)
                FROM seen WHERE status <> 'success' AND transfer IS NOT NULL
            UNION ALL SELECT id, format('%sits transfer %s has moved %s on the user''s account, not %s.', name, transfer, moved, meant)
                FROM seen WHERE status = 'success' AND transfer IS NOT NULL AND moved <> meant
            UNION ALL SELECT id, format('%sits transfer %s is a %s in %s.', name, transfer, kind, moved_currency)
                FROM seen WHERE status = 'success' AND (kind <> type OR moved_currency <> currency)
        ) AS differences ORDER BY id, said
        """;

    /// <summary>A withdrawal that is not settled holds its amount; nothing else does.</summary>
    private const string OfHolds =
        """
        WITH seen AS (
            SELECT p.id, p.status, p.type, p.amount, h.reference, h.amount AS held, a.owner,
                p.type = 'withdrawal' AND p.processed_at IS NULL AS must_hold, p.user_id,
                format('Payment %s (%s of %s %s, %s): ', p.id, p.type, p.amount, p.currency, p.status) AS name
            FROM (SELECT * FROM payments WHERE processed_at IS NULL OR 'payment:' || id IN (SELECT reference FROM holds)) p
            FULL JOIN (SELECT * FROM holds WHERE reference LIKE 'payment:%') h ON h.reference = 'payment:' || p.id
            LEFT JOIN accounts a ON a.id = h.account_id)
        SELECT said FROM (
            SELECT id, format('Hold %s: there is no such payment.', reference) AS said FROM seen WHERE id IS NULL
            UNION ALL SELECT id, format('%sit is settled, but its hold of %s is still there.', name, held)
                FROM seen WHERE NOT must_hold AND status IN ('success', 'failed')
            UNION ALL SELECT id, format('%sit has a hold of %s, which only a withdrawal has.', name, held)
                FROM seen WHERE held IS NOT NULL AND type <> 'withdrawal' AND status NOT IN ('success', 'failed')
            UNION ALL SELECT id, format('%sit has no hold.', name) FROM seen WHERE must_hold AND held IS NULL
            UNION ALL SELECT id, format('%sits hold is of %s on %s.', name, held, owner)
                FROM seen WHERE must_hold AND (held <> amount OR owner <> 'user:' || user_id)
        ) AS differences ORDER BY id, said
        """;

    /// <summary>What some have others owe.</summary>
    private const string OfTotals =
        """
        SELECT format('All accounts in %s together have %s, not 0.', currency, sum(balance))
        FROM accounts GROUP BY currency HAVING sum(balance) <> 0 ORDER BY currency
        """;

    public static readonly ImmutableArray<string> All = [OfAccounts, OfTransfers, OfPayments, OfHolds, OfTotals];
}
