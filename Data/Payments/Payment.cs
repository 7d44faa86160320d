namespace Data.Payments;

/// <summary>
/// A row of <c>payments</c>: a deposit or a withdrawal. The row is its own outbox: until the payment is settled it has the time at which the relay
/// publishes it again.
/// </summary>
public sealed class Payment
{
    /// <summary>Assigned by the database, from 1.</summary>
    public long Id { get; set; }

    /// <summary>The user.</summary>
    public long UserId { get; set; }

    /// <summary>One of <see cref="PaymentType"/>.</summary>
    public required string Type { get; set; }

    /// <summary>One of <see cref="PaymentStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>Greater than 0: numeric(19,4).</summary>
    public decimal Amount { get; set; }

    /// <summary>ISO 4217, upper case: the currency of the user's account.</summary>
    public required string Currency { get; set; }

    /// <summary>The user's text; null without one.</summary>
    public string? Description { get; set; }

    /// <summary>The bank's reference, once it is known.</summary>
    public string? BankReference { get; set; }

    /// <summary>Why it failed, one sentence; may be set by a failed attempt before that.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>The number of calls that the bank did not accept.</summary>
    public int Attempts { get; set; }

    /// <summary>True from before a call of the bank until its response. While it is true, the bank has to be asked what it has done.</summary>
    public bool IsUnanswered { get; set; }

    /// <summary>When a worker may claim the payment next: the end of a wait, or of the lease of the worker that has it.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>When the relay publishes the payment, unless it is settled by then.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>The W3C trace context of the request that created it.</summary>
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

    /// <summary>From the user to the bank. The amount is held from the start.</summary>
    public const string Withdrawal = "withdrawal";
}

/// <summary>Values of <see cref="Payment.Status"/>.</summary>
public static class PaymentStatus
{
    /// <summary>Accepted; no worker has claimed it.</summary>
    public const string Pending = "pending";

    /// <summary>Sent to the bank, or about to be.</summary>
    public const string Processing = "processing";

    /// <summary>Succeeded, and posted. Final.</summary>
    public const string Success = "success";

    /// <summary>Refused or given up; no money has moved. Final.</summary>
    public const string Failed = "failed";
}
