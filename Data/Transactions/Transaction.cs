namespace Data.Transactions;

/// <summary>
/// A row of <c>transactions</c>: what a sender told us, what has become of it, and when it is to be published again.
/// The row is its own outbox: while <see cref="Status"/> is PROCESSING it promises that a record will reach Kafka.
/// </summary>
public sealed class Transaction
{
    /// <summary>The sender's id: 1-128 characters of <c>[A-Za-z0-9._:~@-]</c>. Primary key, collated "C".</summary>
    public required string TransactionId { get; set; }

    /// <summary>Where the money comes from; an id as above.</summary>
    public required string SourceAccount { get; set; }

    /// <summary>Where the money goes; an id as above.</summary>
    public required string DestinationAccount { get; set; }

    /// <summary>More than 0, at most 15 digits before the point and 4 after: numeric(19,4).</summary>
    public decimal Amount { get; set; }

    /// <summary>ISO 4217, upper case.</summary>
    public required string Currency { get; set; }

    /// <summary>Where the transaction stands: one of <see cref="TransactionStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the outcome was written, by the database's clock; null while PROCESSING.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }

    /// <summary>How often the processor was asked without a final outcome.</summary>
    public int Attempts { get; set; }

    /// <summary>Why it FAILED, one sentence; otherwise null.</summary>
    public string? FailureReason { get; set; }

    /// <summary>When the relay publishes the row, should it still be PROCESSING then.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>The W3C trace context of the request that brought the row, so that a publication by the relay stays in its trace.</summary>
    public string? TraceParent { get; set; }
}

/// <summary>The three values of <see cref="Transaction.Status"/>.</summary>
public static class TransactionStatus
{
    /// <summary>Accepted; its outcome is still to come.</summary>
    public const string Processing = "PROCESSING";

    /// <summary>Done. Final.</summary>
    public const string Processed = "PROCESSED";

    /// <summary>Refused, or given up after the last retry. Final.</summary>
    public const string Failed = "FAILED";
}
