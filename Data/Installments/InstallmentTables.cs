using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Installments;

/// <summary>Maps the tables <c>installment_orders</c> and <c>installments</c>.</summary>
internal sealed class InstallmentTables : IEntityTypeConfiguration<InstallmentOrder>, IEntityTypeConfiguration<Installment>
{
    public void Configure(EntityTypeBuilder<InstallmentOrder> table)
    {
        table.ToTable("installment_orders", orders =>
        {
            orders.HasCheckConstraint("installment_orders_amount_positive", "amount > 0");
            orders.HasCheckConstraint("installment_orders_status_known", "status IN ('pending', 'active', 'completed', 'failed', 'cancelled')");
        });
        table.HasKey(o => o.Id).HasName("installment_orders_pkey");
        table.HasIndex(o => new { o.CustomerId, o.Status, o.Id }).HasDatabaseName("installment_orders_customer");
        table.HasIndex(o => new { o.Status, o.Id }).HasDatabaseName("installment_orders_status");
        table.Property(o => o.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(o => o.CustomerId).HasColumnName("customer_id").HasColumnType("text").UseCollation("C");
        table.Property(o => o.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(o => o.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(o => o.InstallmentCount).HasColumnName("installment_count");
        table.Property(o => o.InstallmentAmount).HasColumnName("installment_amount").HasPrecision(19, 4);
        table.Property(o => o.Status).HasColumnName("status").HasColumnType("text").UseCollation("C");
        table.Property(o => o.TimeZone).HasColumnName("time_zone").HasColumnType("text").UseCollation("C");
        table.Property(o => o.StripePaymentMethod).HasColumnName("stripe_payment_method").HasColumnType("text").UseCollation("C");
        table.Property(o => o.StripeCustomer).HasColumnName("stripe_customer").HasColumnType("text").UseCollation("C");
        table.Property(o => o.DunningDays).HasColumnName("dunning").HasDefaultValueSql("'{1,3,5}'");
        table.Property(o => o.SplitInstructions).HasColumnName("split_instructions").HasColumnType("json");
        table.Property(o => o.Metadata).HasColumnName("metadata").HasColumnType("json").HasDefaultValueSql("'{}'");
        table.Property(o => o.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(o => o.UpdatedAt).HasColumnName("updated_at");
    }

    public void Configure(EntityTypeBuilder<Installment> table)
    {
        table.ToTable("installments", installments =>
        {
            installments.HasCheckConstraint("installments_amount_positive", "amount > 0");
            installments.HasCheckConstraint(
                "installments_status_known", "status IN ('pending', 'processing', 'paid', 'overdue', 'failed', 'cancelled')");
            installments.HasCheckConstraint("installments_next_attempt_when_open", "next_attempt_at IS NULL OR status IN ('pending', 'overdue')");
        });
        table.HasKey(i => i.Id).HasName("installments_pkey");
        table.HasIndex(i => new { i.OrderId, i.Number }).IsUnique().HasDatabaseName("installments_order");

        // The scheduler's, and the list of what is due. With the id: many fall due at the same midnight, and a page begins between two of them.
        table.HasIndex(i => new { i.NextAttemptAt, i.Id }).HasFilter("next_attempt_at IS NOT NULL").HasDatabaseName("installments_next_attempt_at");
        table.HasIndex(i => i.DueAt).HasDatabaseName("installments_due_at"); // The operator's counts of a period.
        table.HasOne<InstallmentOrder>().WithMany().HasForeignKey(i => i.OrderId).HasConstraintName("installments_order_id_fkey")
            .OnDelete(DeleteBehavior.NoAction);
        table.Property(i => i.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(i => i.OrderId).HasColumnName("order_id");
        table.Property(i => i.Number).HasColumnName("number");
        table.Property(i => i.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(i => i.DueDate).HasColumnName("due_date");
        table.Property(i => i.DueAt).HasColumnName("due_at");
        table.Property(i => i.Status).HasColumnName("status").HasColumnType("text").UseCollation("C");
        table.Property(i => i.ChargeId).HasColumnName("charge_id");
        table.Property(i => i.Attempts).HasColumnName("attempts").HasDefaultValue(0);
        table.Property(i => i.NextAttemptAt).HasColumnName("next_attempt_at");
        table.Property(i => i.Claim).HasColumnName("claim").HasDefaultValue(0L);
        table.Property(i => i.ClaimedUntil).HasColumnName("claimed_until");
        table.Property(i => i.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(i => i.UpdatedAt).HasColumnName("updated_at");
    }
}
