using Data.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Payments;

/// <summary>Maps the table <c>payments</c>.</summary>
internal sealed class PaymentTable : IEntityTypeConfiguration<Payment>
{
    public void Configure(EntityTypeBuilder<Payment> table)
    {
        table.ToTable("payments", payments =>
        {
            payments.HasCheckConstraint("payments_amount_positive", "amount > 0");
            payments.HasCheckConstraint("payments_type_known", "type IN ('deposit', 'withdrawal')");
            payments.HasCheckConstraint("payments_status_known", "status IN ('pending', 'processing', 'success', 'failed')");
            payments.HasCheckConstraint("payments_processed_at_when_final", "(status IN ('success', 'failed')) = (processed_at IS NOT NULL)");
            payments.HasCheckConstraint("payments_given_up_is_failed", "NOT is_given_up OR status = 'failed'");
        });
        table.HasKey(p => p.Id).HasName("payments_pkey");
        table.HasOne<User>().WithMany().HasForeignKey(p => p.UserId).HasConstraintName("payments_user_id_fkey").OnDelete(DeleteBehavior.NoAction);
        MapIndexes(table);
        table.Property(p => p.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(p => p.UserId).HasColumnName("user_id");
        table.Property(p => p.Type).HasColumnName("type").HasColumnType("text").UseCollation("C");
        table.Property(p => p.Status).HasColumnName("status").HasColumnType("text").UseCollation("C").HasDefaultValue(PaymentStatus.Pending);
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

    private static void MapIndexes(EntityTypeBuilder<Payment> table)
    {
        // The relay's: only payments that are not settled are in it.
        table.HasIndex(p => p.NextPublishAt).HasFilter("processed_at IS NULL").HasDatabaseName("payments_next_publish_at");

        // The lists', of one user and (for administrators) of all: each type and status by itself, newest first; Query.Api merges them. Two indexes instead
        // of one for each way to filter, which were six: every change of a payment adds an entry to each.
        table.HasIndex(p => new { p.UserId, p.Type, p.Status, p.Id }).HasDatabaseName("payments_user");
        table.HasIndex(p => new { p.Type, p.Status, p.Id }).HasDatabaseName("payments_type");

        // An operator's search, for what a bank asks about.
        table.HasIndex(p => p.BankReference).HasFilter("bank_reference IS NOT NULL").HasDatabaseName("payments_bank_reference");

        // The operator's counts of a period. Rows are stored about in the order of their time, so a block range index of a few pages finds them, and costs an
        // insert next to nothing.
        table.HasIndex(p => p.CreatedAt).HasMethod("brin").HasDatabaseName("payments_created_at");
    }
}
