using System.Collections.Immutable;
using Data.Ledger;

namespace Data.Payments;

/// <summary>What the ledger check compares between payments and the ledger.</summary>
public static class PaymentLedgerRules
{
    /// <summary>A payment that succeeded has one transfer, which moved its amount; no other payment has a transfer.</summary>
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

    /// <summary>A withdrawal that is not settled has a hold of its amount; no other payment has a hold.</summary>
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

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<LedgerRule> All = [new(OfPayments), new(OfHolds)];
}
