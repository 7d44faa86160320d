namespace Data.Payments;

/// <summary>
/// A row of <c>payments</c>: a deposit or a withdrawal and its state. The row is its own outbox: until the payment is settled, the row holds the time at
/// which the relay publishes it again.
/// </summary>
public sealed class Payment
{
    /// <summary>Assigned by the database, from 1.</summary>
    public long Id { get; set; }

    /// <summary>The owner: <c>users.id</c>.</summary>
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

    /// <summary>The bank's own reference, once it has given one; at most 500 characters.</summary>
    public string? BankReference { get; set; }

    /// <summary>Why it failed, or why the last attempt did; one sentence, at most 500 characters; otherwise null.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>How often the bank was called and did not accept the payment.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// True from before a call of the bank until its answer is recorded. While it is true, the bank must be asked for the payment's state before it is called.
    /// </summary>
    public bool IsUnanswered { get; set; }

    /// <summary>
    /// The fence: how often the payment was claimed. Each claim adds 1, and every later write of that claim carries its number; a worker that was paused past
    /// its lease finds another number and writes nothing.
    /// </summary>
    public long Claim { get; set; }

    /// <summary>True for a failed payment that the bank did not accept within its retries: it can be reopened (<see cref="ReopenPayment"/>).</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>The earliest time at which a worker may claim it; while it is claimed, the end of the lease.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>When the relay publishes it, unless it is settled before.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>The W3C trace context of the request that created it.</summary>
    public string? TraceParent { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a member that callers see last changed, by the database's clock.</summary>
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
    /// <summary>Accepted; no worker has claimed it yet.</summary>
    public const string Pending = "pending";

    /// <summary>Claimed by a worker; the bank may have it.</summary>
    public const string Processing = "processing";

    /// <summary>Done, and posted to the ledger. Final.</summary>
    public const string Success = "success";

    /// <summary>Refused or given up; no money moved. Final, unless it was given up and is reopened.</summary>
    public const string Failed = "failed";
}
