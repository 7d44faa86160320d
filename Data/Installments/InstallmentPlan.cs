using Contracts;
using Data.Charges;

namespace Data.Installments;

/// <summary>How an order's amount, and what its split's destinations get, is shared out among its installments. Every sum is exact, in any currency.</summary>
public static class InstallmentPlan
{
    /// <summary>The most installments of an order.</summary>
    public const int MaxCount = 24;

    /// <summary>
    /// Equal amounts; units that remain go one each to the first installments. Some are 0 when the amount has fewer units than there are installments.
    /// </summary>
    /// <param name="amount">The order's amount.</param>
    /// <param name="currency">Its currency.</param>
    /// <param name="count">How many installments.</param>
    public static decimal[] Share(decimal amount, Currency currency, int count) =>
        ShareOut.ByWeights(amount, currency, [.. Enumerable.Repeat(1m, count)]);

    /// <summary>
    /// What each destination gets of an installment: in proportion to what it has not got of the order yet. So the parts of an installment sum to its amount,
    /// and over the whole order each destination gets exactly what the instructions say; rounding each installment by itself would miss that by some units.
    /// It depends on the installment's place and not on the order in which installments are paid.
    /// </summary>
    /// <param name="parts">What each destination gets of the order.</param>
    /// <param name="currency">The currency.</param>
    /// <param name="amounts">The installments' amounts, by their number.</param>
    /// <param name="number">The installment's number, from 1.</param>
    public static SplitPart[] PartsOf(IReadOnlyList<SplitPart> parts, Currency currency, IReadOnlyList<decimal> amounts, int number)
    {
        var before = new List<SplitPart[]>();
        foreach (var amount in amounts.Take(number)) before.Add(ShareOut.OfRefund(amount, currency, parts, before));
        return before[^1];
    }
}
