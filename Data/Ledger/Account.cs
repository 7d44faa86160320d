namespace Data.Ledger;

/// <summary>A row of <c>accounts</c>: the money of one owner in one currency.</summary>
public sealed class Account
{
    /// <summary>Assigned by the database. Accounts are locked in ascending order of their ids.</summary>
    public long Id { get; set; }

    /// <summary>The owner, such as <c>user:1</c> or <c>bank:3</c>. Unique together with the currency.</summary>
    public required string Owner { get; set; }

    /// <summary>One of <see cref="AccountKind"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>ISO 4217, upper case. Every entry of the account is in this currency.</summary>
    public required string Currency { get; set; }

    /// <summary>The sum of the account's entries.</summary>
    public decimal Balance { get; set; }

    /// <summary>The sum of the holds on the account. The balance minus this amount is available.</summary>
    public decimal Held { get; set; }
}

/// <summary>Values of <see cref="Account.Kind"/>.</summary>
public static class AccountKind
{
    /// <summary>A user of the payment gateway.</summary>
    public const string User = "user";

    /// <summary>A customer's wallet.</summary>
    public const string Wallet = "wallet";

    /// <summary>A destination of split charges.</summary>
    public const string Merchant = "merchant";

    /// <summary>Our own: sales without a split, and what is set aside while Stripe is asked.</summary>
    public const string House = "house";

    /// <summary>The world outside, the bank and Stripe. A negative balance is the amount that it has brought in for others.</summary>
    public const string Bank = "bank";

    /// <summary>All kinds; the constraint <c>accounts_kind_known</c> has the same list.</summary>
    public static readonly IReadOnlyList<string> All = [User, Wallet, Merchant, House, Bank];

    /// <summary>
    /// Whether an account of this kind may have less than nothing. Only the bank may; the constraint <c>accounts_available_not_negative</c>
    /// enforces it for all other kinds.
    /// </summary>
    public static bool MayBeNegative(string kind) => kind == Bank;
}

/// <summary>A row of <c>transfers</c>: one movement of money. Rows are never changed and never deleted.</summary>
public sealed class Transfer
{
    /// <summary>Assigned by the database.</summary>
    public long Id { get; set; }

    /// <summary>What the transfer is for, such as <c>payment:123</c>. Unique: the same reference cannot be posted twice.</summary>
    public required string Reference { get; set; }

    /// <summary>The kind of operation, such as <c>deposit</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>What a wallet's statement says of it; null where no statement shows it.</summary>
    public string? Description { get; set; }

    /// <summary>ISO 4217, upper case; the currency of all entries.</summary>
    public required string Currency { get; set; }

    /// <summary>When the transfer was posted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A row of <c>entries</c>: one account's side of a transfer. The entries of a transfer sum to zero.</summary>
public sealed class Entry
{
    /// <summary>The transfer.</summary>
    public long TransferId { get; set; }

    /// <summary>The account. A transfer has at most one entry per account.</summary>
    public long AccountId { get; set; }

    /// <summary>The amount that the account receives; negative when it pays. Never 0.</summary>
    public decimal Amount { get; set; }

    /// <summary>The account's balance after this entry.</summary>
    public decimal BalanceAfter { get; set; }
}

/// <summary>A row of <c>holds</c>: an amount of an account that is reserved for one purpose. The row is deleted when the hold ends.</summary>
public sealed class Hold
{
    /// <summary>What the hold is for, such as <c>payment:123</c>. Primary key.</summary>
    public required string Reference { get; set; }

    /// <summary>The account.</summary>
    public long AccountId { get; set; }

    /// <summary>The reserved amount; greater than 0.</summary>
    public decimal Amount { get; set; }

    /// <summary>When the hold was placed, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}
