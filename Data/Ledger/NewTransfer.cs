namespace Data.Ledger;

/// <summary>A transfer to be posted.</summary>
/// <param name="Reference">What it is for, such as <c>payment:123</c>: posted once, however often it is asked for.</param>
/// <param name="Kind">What kind of thing that is, such as <c>deposit</c>.</param>
/// <param name="Currency">ISO 4217, upper case: every account's in it.</param>
/// <param name="Postings">Who gets and who gives: two or more, none 0, each account once, together 0.</param>
public sealed record NewTransfer(string Reference, string Kind, string Currency, params IReadOnlyList<Posting> Postings)
{
    /// <summary>
    /// The reference of a hold that ends with this transfer, whatever part of it the transfer takes: what it held counts as available here. It must be
    /// on one of the accounts. Null: none.
    /// </summary>
    public string? UsingHold { get; init; }

    /// <summary>Its postings in the order in which accounts are locked; throws when it cannot be posted, whatever the accounts have.</summary>
    /// <exception cref="ArgumentException">Says what is wrong.</exception>
    internal Posting[] ToPost()
    {
        if (Postings.Count < 2) throw Wrong($"has {Postings.Count} postings; it needs two or more");
        if (Postings.Any(posting => posting.Amount == 0)) throw Wrong("has a posting of 0; leave it out");
        if (Postings.Any(posting => !Money.Fits(posting.Amount))) throw Wrong($"has an amount with more than {Money.Decimals} decimals");
        if (Postings.Sum(posting => posting.Amount) is not 0 and var sum) throw Wrong($"sums to {sum}; what some get others must give");
        if (Postings.DistinctBy(posting => posting.AccountId).Count() < Postings.Count) throw Wrong("names an account twice; add its amounts up");
        return [.. Postings.OrderBy(posting => posting.AccountId)];
    }

    private ArgumentException Wrong(string fault) => new($"Transfer {Reference} {fault}.");
}

/// <summary>Amounts as the tables have them.</summary>
internal static class Money
{
    /// <summary>numeric(19,4): PostgreSQL would round a fifth, and what was given would not be what was got.</summary>
    public const int Decimals = 4;

    public static bool Fits(decimal amount) => decimal.Round(amount, Decimals) == amount;
}

/// <summary>One account's side of a transfer.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Amount">What it gets; below zero, what it gives. At most four decimals: numeric(19,4).</param>
public readonly record struct Posting(long AccountId, decimal Amount);
