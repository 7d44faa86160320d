using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Transactions;

/// <summary>Maps the columns. Constraints and indexes stand in the migration, where their SQL says them best.</summary>
internal sealed class TransactionTable : IEntityTypeConfiguration<Transaction>
{
    public void Configure(EntityTypeBuilder<Transaction> table)
    {
        table.ToTable("transactions");
        table.HasKey(t => t.TransactionId).HasName("transactions_pkey");
        table.Property(t => t.TransactionId).HasColumnName("transaction_id").HasColumnType("text").UseCollation("C");
        table.Property(t => t.SourceAccount).HasColumnName("source_account").HasColumnType("text").UseCollation("C");
        table.Property(t => t.DestinationAccount).HasColumnName("destination_account").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(t => t.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Status).HasColumnName("status").HasColumnType("text").UseCollation("C");
        table.Property(t => t.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(t => t.ProcessedAt).HasColumnName("processed_at");
        table.Property(t => t.Attempts).HasColumnName("attempts").HasDefaultValue(0);
        table.Property(t => t.FailureReason).HasColumnName("failure_reason");
        table.Property(t => t.NextPublishAt).HasColumnName("next_publish_at");
        table.Property(t => t.TraceParent).HasColumnName("traceparent").HasColumnType("text").UseCollation("C");
    }
}
