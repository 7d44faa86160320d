namespace Data.Ledger;

/// <summary>A transfer to be posted.</summary>
/// <param name="Reference">What the transfer is for, such as <c>payment:123</c>. It is posted once, however often it is requested.</param>
/// <param name="Kind">The kind of operation, such as <c>deposit</c>.</param>
/// <param name="Currency">ISO 4217, upper case; the currency of every account in it.</param>
/// <param name="Postings">Two or more, none of 0, each account once, with a sum of 0.</param>
public sealed record NewTransfer(string Reference, string Kind, string Currency, params IReadOnlyList<Posting> Postings)
{
    /// <summary>
    /// The reference of a hold that ends with this transfer, whatever part of it the transfer takes. The held amount counts as available here.
    /// The hold must be on one of the accounts. Null for no hold.
    /// </summary>
    public string? UsingHold { get; init; }

    /// <summary>What a wallet's statement says of it; null where no statement shows it.</summary>
    public string? Description { get; init; }

    /// <summary>Throws when the transfer cannot be posted, whatever the accounts' balances are.</summary>
    /// <exception cref="ArgumentException">The transfer is invalid; the message says why.</exception>
    internal void Validate()
    {
        if (Postings.Count < 2) throw Invalid($"has {Postings.Count} postings; it needs two or more");
        if (Postings.Any(posting => posting.Amount == 0)) throw Invalid("has a posting of 0; leave it out");
        if (Postings.Any(posting => !Money.Fits(posting.Amount))) throw Invalid($"has an amount with more than {Money.Decimals} decimals");
        if (Postings.Sum(posting => posting.Amount) is not 0 and var sum) throw Invalid($"sums to {sum}; postings must sum to 0");
        if (Postings.DistinctBy(posting => posting.AccountId).Count() < Postings.Count) throw Invalid("names an account twice; add up its amounts");
    }

    private ArgumentException Invalid(string fault) => new($"Transfer {Reference} {fault}.");
}

/// <summary>One account's side of a transfer.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Amount">The amount that the account receives; negative when it pays. At most four decimals: numeric(19,4).</param>
public readonly record struct Posting(long AccountId, decimal Amount);

/// <summary>Limits of the amounts that the tables store.</summary>
public static class Money
{
    /// <summary>
    /// The largest balance that a caller may bring an account to, 10^18. A deposit above it is refused at the door. The columns hold a million times as much
    /// (<see cref="LargestBalance"/>): what is pending when the door looks, and the bank's accounts, which many users share, fit in between.
    /// </summary>
    public const decimal MaxBalance = 1_000_000_000_000_000_000m;

    /// <summary>The largest balance that the columns hold: numeric(28,4), which .NET's decimal holds too.</summary>
    internal const decimal LargestBalance = 999_999_999_999_999_999_999_999.9999m;

    /// <summary>numeric(19,4). PostgreSQL would round a fifth decimal, and the two sides of a transfer could then differ.</summary>
    internal const int Decimals = 4;

    internal static bool Fits(decimal amount) => decimal.Round(amount, Decimals) == amount;
}

/// <summary>The outcome of posting a transfer. Only <see cref="Posted"/> has changed anything.</summary>
public enum PostOutcome
{
    /// <summary>The money has moved, once the caller's transaction commits.</summary>
    Posted,

    /// <summary>A transfer with this reference exists.</summary>
    AlreadyPosted,

    /// <summary>An account that may not be negative has less available than the transfer takes from it.</summary>
    InsufficientBalance,

    /// <summary>The hold that the transfer was to use does not exist, or has ended.</summary>
    NoHold,

    /// <summary>The balance of one of the accounts would be larger than the ledger can store.</summary>
    BalanceOutOfRange,
}
