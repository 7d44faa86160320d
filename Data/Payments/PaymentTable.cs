using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Payments;

/// <summary>Maps the columns. Constraints and indexes are in the migrations, as SQL.</summary>
internal sealed class PaymentTable : IEntityTypeConfiguration<Payment>
{
    public void Configure(EntityTypeBuilder<Payment> table)
    {
        table.ToTable("payments");
        table.HasKey(p => p.Id).HasName("payments_pkey");
        table.Property(p => p.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(p => p.UserId).HasColumnName("user_id");
        table.Property(p => p.Type).HasColumnName("type").HasColumnType("text").UseCollation("C");
        table.Property(p => p.Status).HasColumnName("status").HasColumnType("text").UseCollation("C");
        table.Property(p => p.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(p => p.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(p => p.Description).HasColumnName("description");
        table.Property(p => p.BankReference).HasColumnName("bank_reference");
        table.Property(p => p.ErrorMessage).HasColumnName("error_message");
        table.Property(p => p.Attempts).HasColumnName("attempts").HasDefaultValue(0);
        table.Property(p => p.IsUnanswered).HasColumnName("is_unanswered").HasDefaultValue(false);
        table.Property(p => p.Claim).HasColumnName("claim").HasDefaultValue(0L);
        table.Property(p => p.IsGivenUp).HasColumnName("is_given_up").HasDefaultValue(false);
        table.Property(p => p.DueAt).HasColumnName("due_at").HasDefaultValueSql("now()");
        table.Property(p => p.NextPublishAt).HasColumnName("next_publish_at");
        table.Property(p => p.TraceParent).HasColumnName("traceparent").HasColumnType("text").UseCollation("C");
        table.Property(p => p.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(p => p.UpdatedAt).HasColumnName("updated_at").HasDefaultValueSql("now()");
        table.Property(p => p.ProcessedAt).HasColumnName("processed_at");
    }
}
