using System.Collections.Immutable;
using Data.Ledger;

namespace Data.Charges;

/// <summary>What the ledger check compares between charges, refunds and the ledger. docs/charges.md has the transfers as a table.</summary>
public static class ChargeLedgerRules
{
    /// <summary>Every charge and refund has the transfers that its state says, with its amounts, and no others.</summary>
    private const string OfTransfers =
        """
        WITH moved AS (
            SELECT t.reference, t.currency, sum(e.amount) FILTER (WHERE e.amount > 0) AS amount
            FROM transfers t JOIN entries e ON e.transfer_id = t.id
            WHERE t.reference LIKE 'charge:%' OR t.reference LIKE 'refund:%' GROUP BY t.id),
        meant AS (
            SELECT 'charge:' || id AS reference, currency, amount FROM charges WHERE status = 'succeeded'
            UNION ALL SELECT 'charge:' || id || ':wallet', currency, wallet_amount FROM charges WHERE payment_method = 'mixed'
            UNION ALL SELECT 'charge:' || id || ':returned', currency, wallet_amount FROM charges WHERE payment_method = 'mixed' AND status = 'failed'
            UNION ALL SELECT 'refund:' || r.id, c.currency, r.amount FROM refunds r JOIN charges c ON c.id = r.charge_id
            UNION ALL SELECT 'refund:' || r.id || CASE r.status WHEN 'succeeded' THEN ':settled' ELSE ':returned' END, c.currency, r.amount
                FROM refunds r JOIN charges c ON c.id = r.charge_id WHERE r.external_amount > 0 AND r.status <> 'pending')
        SELECT CASE
            WHEN meant.reference IS NULL THEN format('Transfer %s moved %s %s, which no charge or refund says.', reference, moved.amount, moved.currency)
            WHEN moved.reference IS NULL THEN format('Transfer %s of %s %s is missing.', reference, meant.amount, meant.currency)
            ELSE format('Transfer %s moved %s %s, not %s %s.', reference, moved.amount, moved.currency, meant.amount, meant.currency) END
        FROM meant FULL JOIN moved USING (reference)
        WHERE meant.reference IS NULL OR moved.reference IS NULL OR meant.amount <> moved.amount OR meant.currency <> moved.currency
        ORDER BY reference
        """;

    /// <summary>The destinations of a split got their parts.</summary>
    private const string OfParts =
        """
        WITH meant AS (
            SELECT 'charge:' || c.id AS reference, 'merchant:' || p.destination AS owner, sum(p.amount) AS amount
            FROM charges c, json_to_recordset(c.parts) AS p (destination text, amount numeric)
            WHERE c.parts IS NOT NULL AND c.status = 'succeeded' GROUP BY 1, 2),
        moved AS (
            SELECT t.reference, a.owner, e.amount FROM transfers t JOIN entries e ON e.transfer_id = t.id JOIN accounts a ON a.id = e.account_id
            WHERE t.kind = 'charge' AND a.kind = 'merchant')
        SELECT format('Transfer %s brought %s %s, not %s.', reference, owner, coalesce(moved.amount, 0), coalesce(meant.amount, 0))
        FROM meant FULL JOIN moved USING (reference, owner) WHERE coalesce(meant.amount, 0) <> coalesce(moved.amount, 0) ORDER BY reference, owner
        """;

    /// <summary>A charge shows what was refunded, and no more than its amount is refunded or about to be.</summary>
    private const string OfRefunds =
        """
        WITH sums AS (
            SELECT charge_id, coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS done,
                coalesce(sum(amount) FILTER (WHERE status <> 'failed'), 0) AS open,
                coalesce(sum(wallet_amount) FILTER (WHERE status <> 'failed'), 0) AS wallet
            FROM refunds GROUP BY charge_id)
        SELECT said FROM (
            SELECT c.id, format('Charge %s shows %s refunded, but its refunds sum to %s.', c.id, c.refunded_amount, coalesce(s.done, 0)) AS said
                FROM charges c LEFT JOIN sums s ON s.charge_id = c.id WHERE c.refunded_amount <> coalesce(s.done, 0)
            UNION ALL SELECT c.id, format('Charge %s of %s has refunds of %s.', c.id, c.amount, s.open)
                FROM charges c JOIN sums s ON s.charge_id = c.id WHERE s.open > c.amount
            UNION ALL SELECT c.id, format('Charge %s took %s from the wallet, and its refunds give %s back there.', c.id, c.wallet_amount, s.wallet)
                FROM charges c JOIN sums s ON s.charge_id = c.id WHERE s.wallet > c.wallet_amount
        ) AS differences ORDER BY id, said
        """;

    /// <summary>What is set aside is what is pending; what Stripe has brought in is what cards have paid and not got back.</summary>
    private const string OfTotals =
        """
        WITH meant AS (
            SELECT 'clearing' AS name, currency, sum(amount) AS amount FROM (
                SELECT currency, wallet_amount AS amount FROM charges WHERE status = 'pending'
                UNION ALL SELECT c.currency, r.amount FROM refunds r JOIN charges c ON c.id = r.charge_id WHERE r.status = 'pending') AS aside GROUP BY currency
            UNION ALL SELECT 'stripe', currency, -sum(amount) FROM (
                SELECT currency, external_amount AS amount FROM charges WHERE status = 'succeeded'
                UNION ALL SELECT c.currency, -r.external_amount FROM refunds r JOIN charges c ON c.id = r.charge_id WHERE r.status = 'succeeded') AS paid
                GROUP BY currency),
        moved AS (
            SELECT split_part(owner, ':', 1) AS name, currency, sum(balance) AS amount FROM accounts
            WHERE owner LIKE 'clearing:%' OR owner LIKE 'stripe:%' GROUP BY 1, 2)
        SELECT format('The accounts %s in %s together have %s, not %s.', name, currency, coalesce(moved.amount, 0), coalesce(meant.amount, 0))
        FROM meant FULL JOIN moved USING (name, currency) WHERE coalesce(meant.amount, 0) <> coalesce(moved.amount, 0) ORDER BY name, currency
        """;

    /// <summary>A card part is asked for while its charge or refund is pending, and no longer.</summary>
    private const string OfRequests =
        """
        SELECT format('Stripe request %s (%s) is %s, but its %s is %s.', q.id, q.kind, CASE WHEN q.answered_at IS NULL THEN 'open' ELSE 'answered' END, q.kind,
            coalesce(r.status, c.status))
        FROM stripe_requests q JOIN charges c ON c.id = q.charge_id LEFT JOIN refunds r ON r.id = q.refund_id
        WHERE (q.answered_at IS NULL) <> (coalesce(r.status, c.status) = 'pending') ORDER BY q.id
        """;

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<LedgerRule> All = [new(OfTransfers), new(OfParts), new(OfRefunds), new(OfTotals), new(OfRequests)];
}
