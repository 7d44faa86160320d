namespace Data.Payments;

/// <summary>
/// A row of <c>payments</c>: a deposit or a withdrawal, and where it stands. It is its own outbox: until it is settled it carries the time at which
/// the relay publishes it again.
/// </summary>
public sealed class Payment
{
    /// <summary>Given by the database, from 1 on.</summary>
    public long Id { get; set; }

    /// <summary>Whose account.</summary>
    public long UserId { get; set; }

    /// <summary>One of <see cref="PaymentType"/>.</summary>
    public required string Type { get; set; }

    /// <summary>One of <see cref="PaymentStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>More than 0: numeric(19,4).</summary>
    public decimal Amount { get; set; }

    /// <summary>ISO 4217, upper case: the user's.</summary>
    public required string Currency { get; set; }

    /// <summary>What the user wrote; null for nothing.</summary>
    public string? Description { get; set; }

    /// <summary>The bank's own name for it, once it has told one.</summary>
    public string? BankReference { get; set; }

    /// <summary>Why it failed, one sentence; otherwise null.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>How often the bank was called and did not take it.</summary>
    public int Attempts { get; set; }

    /// <summary>True from before a call of the bank until it has answered: while it is, the bank must be asked what it has done.</summary>
    public bool IsUnanswered { get; set; }

    /// <summary>When the worker may next do something about it; also the end of the lease of the one who does.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>When the relay publishes it, should it not be settled then.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>The W3C trace context of the request that brought it.</summary>
    public string? TraceParent { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a caller could last see a change, by the database's clock.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When it was settled, by the database's clock; null until then.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }
}

/// <summary>Values of <see cref="Payment.Type"/>.</summary>
public static class PaymentType
{
    /// <summary>From the bank to the user.</summary>
    public const string Deposit = "deposit";

    /// <summary>From the user to the bank; held from the start.</summary>
    public const string Withdrawal = "withdrawal";
}

/// <summary>Values of <see cref="Payment.Status"/>.</summary>
public static class PaymentStatus
{
    /// <summary>Accepted; no worker has taken it up.</summary>
    public const string Pending = "pending";

    /// <summary>With the bank.</summary>
    public const string Processing = "processing";

    /// <summary>Done, and posted. Final.</summary>
    public const string Success = "success";

    /// <summary>Refused or given up, and nothing moved. Final.</summary>
    public const string Failed = "failed";
}
