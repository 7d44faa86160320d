using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Charges;

/// <summary>Maps the table <c>charges</c>.</summary>
internal sealed class ChargeTable : IEntityTypeConfiguration<Charge>
{
    public void Configure(EntityTypeBuilder<Charge> table)
    {
        table.ToTable("charges", charges =>
        {
            charges.HasCheckConstraint("charges_amount_positive", "amount > 0");
            charges.HasCheckConstraint("charges_status_known", "status IN ('pending', 'succeeded', 'failed')");
            charges.HasCheckConstraint("charges_method_known", "payment_method IN ('wallet', 'external', 'mixed')");
            charges.HasCheckConstraint("charges_settled_when_final", "(status = 'pending') = (settled_at IS NULL)");
            charges.HasCheckConstraint("charges_parts_add_up", "wallet_amount + external_amount = CASE WHEN payment_method IS NULL THEN 0 ELSE amount END");
            charges.HasCheckConstraint("charges_refunded_within", "refunded_amount >= 0 AND refunded_amount <= amount");
        });
        table.HasKey(c => c.Id).HasName("charges_pkey");
        MapIndexes(table);
        table.Property(c => c.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(c => c.CustomerId).HasColumnName("customer_id").HasColumnType("text").UseCollation("C");
        table.Property(c => c.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(c => c.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(c => c.Status).HasColumnName("status").HasColumnType("text").UseCollation("C");
        table.Property(c => c.PaymentMethod).HasColumnName("payment_method").HasColumnType("text").UseCollation("C");
        table.Property(c => c.WalletAmount).HasColumnName("wallet_amount").HasPrecision(19, 4);
        table.Property(c => c.ExternalAmount).HasColumnName("external_amount").HasPrecision(19, 4);
        table.Property(c => c.ExternalChargeId).HasColumnName("external_charge_id").HasColumnType("text").UseCollation("C");
        table.Property(c => c.RefundedAmount).HasColumnName("refunded_amount").HasPrecision(19, 4).HasDefaultValueSql("0");
        table.Property(c => c.FailureCode).HasColumnName("failure_code").HasColumnType("text").UseCollation("C");
        table.Property(c => c.FailureMessage).HasColumnName("failure_message");
        table.Property(c => c.SplitInstructions).HasColumnName("split_instructions").HasColumnType("json");
        table.Property(c => c.Parts).HasColumnName("parts").HasColumnType("json");
        table.Property(c => c.Metadata).HasColumnName("metadata").HasColumnType("json").HasDefaultValueSql("'{}'");
        table.Property(c => c.InstallmentId).HasColumnName("installment_id");
        table.Property(c => c.InstallmentOrderId).HasColumnName("installment_order_id");
        table.Property(c => c.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(c => c.UpdatedAt).HasColumnName("updated_at");
        table.Property(c => c.SettledAt).HasColumnName("settled_at");
    }

    // As for payments: each status by itself, newest first, of one customer and of all; Query.Api merges the three.
    private static void MapIndexes(EntityTypeBuilder<Charge> table)
    {
        table.HasIndex(c => new { c.CustomerId, c.Status, c.Id }).HasDatabaseName("charges_customer");
        table.HasIndex(c => new { c.Status, c.Id }).HasDatabaseName("charges_status");
        table.HasIndex(c => new { c.InstallmentOrderId, c.Id }).HasFilter("installment_order_id IS NOT NULL").HasDatabaseName("charges_installment_order");
        table.HasIndex(c => c.ExternalChargeId).HasFilter("external_charge_id IS NOT NULL").HasDatabaseName("charges_external_charge_id"); // A search.
        table.HasIndex(c => c.CreatedAt).HasMethod("brin").HasDatabaseName("charges_created_at"); // The operator's counts of a period.
    }
}
