using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Charges;

/// <summary>A row of <c>refunds</c>: money of a charge that goes back to where it came from.</summary>
public sealed class Refund
{
    /// <summary>A UUID of version 7.</summary>
    public Guid Id { get; set; }

    /// <summary>The charge.</summary>
    public Guid ChargeId { get; set; }

    /// <summary>Greater than 0; the sum of both parts.</summary>
    public decimal Amount { get; set; }

    /// <summary>The part that goes back to the wallet.</summary>
    public decimal WalletAmount { get; set; }

    /// <summary>The part that goes back to the card.</summary>
    public decimal ExternalAmount { get; set; }

    /// <summary>One of <see cref="RefundStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>The caller's reason; null without one.</summary>
    public string? Reason { get; set; }

    /// <summary>What each destination of the charge's split gives back, JSON of <see cref="SplitPart"/>s; null when the charge has no split.</summary>
    public string? Parts { get; set; }

    /// <summary>Stripe's refund, <c>re_...</c>; null until Stripe has answered, and without a card part.</summary>
    public string? ExternalRefundId { get; set; }

    /// <summary>Why it failed, one sentence; otherwise null.</summary>
    public string? FailureMessage { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it succeeded or failed; null while it is pending.</summary>
    public DateTimeOffset? SettledAt { get; set; }
}

/// <summary>Values of <see cref="Refund.Status"/>.</summary>
public static class RefundStatus
{
    /// <summary>The money is taken from its destinations and set aside; Stripe is being asked.</summary>
    public const string Pending = "pending";

    /// <summary>Every source has its part back. Final.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>Stripe refused it; the destinations have their money again. Final.</summary>
    public const string Failed = "failed";
}

/// <summary>Maps the table <c>refunds</c>.</summary>
internal sealed class RefundTable : IEntityTypeConfiguration<Refund>
{
    public void Configure(EntityTypeBuilder<Refund> table)
    {
        table.ToTable("refunds", refunds =>
        {
            refunds.HasCheckConstraint("refunds_amount_positive", "amount > 0");
            refunds.HasCheckConstraint("refunds_parts_add_up", "wallet_amount >= 0 AND external_amount >= 0 AND wallet_amount + external_amount = amount");
            refunds.HasCheckConstraint("refunds_status_known", "status IN ('pending', 'succeeded', 'failed')");
            refunds.HasCheckConstraint("refunds_settled_when_final", "(status = 'pending') = (settled_at IS NULL)");
        });
        table.HasKey(r => r.Id).HasName("refunds_pkey");
        table.HasIndex(r => new { r.ChargeId, r.Id }).HasDatabaseName("refunds_charge");
        table.HasOne<Charge>().WithMany().HasForeignKey(r => r.ChargeId).HasConstraintName("refunds_charge_id_fkey").OnDelete(DeleteBehavior.NoAction);
        table.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(r => r.ChargeId).HasColumnName("charge_id");
        table.Property(r => r.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(r => r.WalletAmount).HasColumnName("wallet_amount").HasPrecision(19, 4);
        table.Property(r => r.ExternalAmount).HasColumnName("external_amount").HasPrecision(19, 4);
        table.Property(r => r.Status).HasColumnName("status").HasColumnType("text").UseCollation("C");
        table.Property(r => r.Reason).HasColumnName("reason");
        table.Property(r => r.Parts).HasColumnName("parts").HasColumnType("json");
        table.Property(r => r.ExternalRefundId).HasColumnName("external_refund_id").HasColumnType("text").UseCollation("C");
        table.Property(r => r.FailureMessage).HasColumnName("failure_message");
        table.Property(r => r.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(r => r.SettledAt).HasColumnName("settled_at");
    }
}
