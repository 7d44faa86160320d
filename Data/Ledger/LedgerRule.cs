using Data.Charges;
using Data.Payments;

namespace Data.Ledger;

/// <summary>A rule of the ledger check. Each capability adds its own to <see cref="All"/>.</summary>
/// <param name="Sql">
/// A statement that returns one row per violation. Its first column is a sentence that names what differs; there is no other, or there are also the account's
/// id, owner, kind and currency and what the figure should be and is, as in <see cref="LedgerDifference"/>.
/// </param>
public sealed record LedgerRule(string Sql)
{
    /// <summary>All rules, in the order in which differences are named.</summary>
    public static IReadOnlyList<LedgerRule> All { get; } = [.. LedgerRules.All, .. PaymentLedgerRules.All, .. ChargeLedgerRules.All];
}
