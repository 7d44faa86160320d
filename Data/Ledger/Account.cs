namespace Data.Ledger;

/// <summary>A row of <c>accounts</c>: what somebody has, in one currency.</summary>
public sealed class Account
{
    /// <summary>Given by the database. Accounts are locked in the order of their ids.</summary>
    public long Id { get; set; }

    /// <summary>Whose it is: <c>user:1</c>, <c>bank:3</c>. Unique with the currency.</summary>
    public required string Owner { get; set; }

    /// <summary>One of <see cref="AccountKind"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>ISO 4217, upper case; it takes nothing else.</summary>
    public required string Currency { get; set; }

    /// <summary>The sum of its entries.</summary>
    public decimal Balance { get; set; }

    /// <summary>The sum of the holds on it; balance less this is available.</summary>
    public decimal Held { get; set; }
}

/// <summary>Values of <see cref="Account.Kind"/>.</summary>
public static class AccountKind
{
    /// <summary>A customer's: what is available never goes below zero.</summary>
    public const string User = "user";

    /// <summary>The world outside; below zero it says how much of others' money is here.</summary>
    public const string Bank = "bank";
}
