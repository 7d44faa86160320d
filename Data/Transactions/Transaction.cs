using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Transactions;

/// <summary>
/// A row of <c>transactions</c>: what a sender sent, its outcome, and when it is published again. The row is its own outbox: while
/// <see cref="Status"/> is PROCESSING the relay publishes it when its time comes. It finds it by <see cref="TransactionOutbox"/>.
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

    /// <summary>One of <see cref="TransactionStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the outcome was written, by the database's clock; null while PROCESSING.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }

    /// <summary>The number of attempts without a final outcome.</summary>
    public int Attempts { get; set; }

    /// <summary>Why it FAILED, one sentence; null for all others, so that an index of it holds what FAILED.</summary>
    public string? FailureReason { get; set; }

    /// <summary>When the relay publishes the row, unless it has its outcome by then.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>The W3C trace context of the request that created the row, so that a publication by the relay stays in its trace.</summary>
    public string? TraceParent { get; set; }
}

/// <summary>The three values of <see cref="Transaction.Status"/>.</summary>
public static class TransactionStatus
{
    /// <summary>Accepted; without an outcome yet.</summary>
    public const string Processing = "PROCESSING";

    /// <summary>Processed. Final.</summary>
    public const string Processed = "PROCESSED";

    /// <summary>Refused, or given up after the last retry. Final.</summary>
    public const string Failed = "FAILED";
}

/// <summary>Maps the table <c>transactions</c>.</summary>
internal sealed class TransactionTable : IEntityTypeConfiguration<Transaction>
{
    public void Configure(EntityTypeBuilder<Transaction> table)
    {
        table.ToTable("transactions", transactions =>
        {
            transactions.HasCheckConstraint("transactions_amount_positive", "amount > 0");
            transactions.HasCheckConstraint("transactions_status_known", "status IN ('PROCESSING', 'PROCESSED', 'FAILED')");
            transactions.HasCheckConstraint("transactions_processed_at_when_final", "(status = 'PROCESSING') = (processed_at IS NULL)");
            transactions.HasCheckConstraint("transactions_failed_for_a_reason", "status <> 'FAILED' OR failure_reason IS NOT NULL");
        });
        table.HasKey(t => t.TransactionId).HasName("transactions_pkey");
        MapIndexes(table);

        // Collation "C": ids are ASCII and are compared for equality only, which "C" does by memcmp.
        table.Property(t => t.TransactionId).HasColumnName("transaction_id").HasColumnType("text").UseCollation("C");
        table.Property(t => t.SourceAccount).HasColumnName("source_account").HasColumnType("text").UseCollation("C");
        table.Property(t => t.DestinationAccount).HasColumnName("destination_account").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(t => t.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Status).HasColumnName("status").HasColumnType("text").UseCollation("C").HasDefaultValue(TransactionStatus.Processing);
        table.Property(t => t.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(t => t.ProcessedAt).HasColumnName("processed_at");
        table.Property(t => t.Attempts).HasColumnName("attempts").HasDefaultValue(0);
        table.Property(t => t.FailureReason).HasColumnName("failure_reason");
        table.Property(t => t.NextPublishAt).HasColumnName("next_publish_at");
        table.Property(t => t.TraceParent).HasColumnName("traceparent").HasColumnType("text").UseCollation("C");
    }

    // No index names a column that an outcome changes (status, processed_at, attempts): PostgreSQL then leaves the indexes alone (heap-only update).
    // Inserts and outcomes went from 16,600-18,900 to 24,500-27,600 rows/s by it (docs/performance.md).
    private static void MapIndexes(EntityTypeBuilder<Transaction> table)
    {
        // The lists': newest first by keyset, of all and of one account on either side. Without transaction_id, which orders the rows of one
        // commit: these few are sorted when they are read, and an insert costs a quarter less (docs/performance.md).
        table.HasIndex(t => t.CreatedAt).HasDatabaseName("transactions_created_at");
        table.HasIndex(t => new { t.SourceAccount, t.CreatedAt }).HasDatabaseName("transactions_source_account");
        table.HasIndex(t => new { t.DestinationAccount, t.CreatedAt }).HasDatabaseName("transactions_destination_account");

        // Failed transactions are rare and looked for: without this index a page of them reads all of transactions_created_at.
        table.HasIndex(t => new { t.CreatedAt, t.TransactionId }).HasFilter("failure_reason IS NOT NULL").HasDatabaseName("transactions_failure_reason");
    }
}
