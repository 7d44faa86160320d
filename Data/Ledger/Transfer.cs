namespace Data.Ledger;

/// <summary>A row of <c>transfers</c>: money that has moved, once. Never changed, never deleted.</summary>
public sealed class Transfer
{
    /// <summary>Given by the database.</summary>
    public long Id { get; set; }

    /// <summary>What it was for, such as <c>payment:123</c>. Unique: the same one cannot be posted twice.</summary>
    public required string Reference { get; set; }

    /// <summary>What kind of thing that was, such as <c>deposit</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>ISO 4217, upper case, of all its entries.</summary>
    public required string Currency { get; set; }

    /// <summary>When it was posted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>A row of <c>entries</c>: one account's side of a transfer. A transfer's entries sum to zero.</summary>
public sealed class Entry
{
    /// <summary>Which transfer.</summary>
    public long TransferId { get; set; }

    /// <summary>Which account; once a transfer.</summary>
    public long AccountId { get; set; }

    /// <summary>What the account got, or below zero what it gave. Never 0.</summary>
    public decimal Amount { get; set; }

    /// <summary>The account's balance after this entry.</summary>
    public decimal BalanceAfter { get; set; }
}

/// <summary>A row of <c>holds</c>: money of an account that is promised to something and can be used for nothing else. Deleted when it ends.</summary>
public sealed class Hold
{
    /// <summary>What it is for, such as <c>payment:123</c>. Primary key.</summary>
    public required string Reference { get; set; }

    /// <summary>Whose money.</summary>
    public long AccountId { get; set; }

    /// <summary>How much; more than 0.</summary>
    public decimal Amount { get; set; }

    /// <summary>Since when, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}
