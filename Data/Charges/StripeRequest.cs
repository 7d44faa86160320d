using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Charges;

/// <summary>
/// A row of <c>stripe_requests</c>: one thing that Stripe is asked for, the card part of a charge or of a refund. The worker claims it with a lease and a
/// fence, as it claims payments. The row is its own outbox: until it is answered it holds the time at which the relay publishes it again.
/// </summary>
public sealed class StripeRequest
{
    /// <summary>A UUID of version 7.</summary>
    public Guid Id { get; set; }

    /// <summary>One of <see cref="StripeRequestKind"/>.</summary>
    public required string Kind { get; set; }

    /// <summary>The charge.</summary>
    public Guid ChargeId { get; set; }

    /// <summary>The refund; null for a charge's own request.</summary>
    public Guid? RefundId { get; set; }

    /// <summary>The customer: the key of its Kafka record.</summary>
    public required string CustomerId { get; set; }

    /// <summary>What is asked for, JSON of <see cref="StripeOrder"/>. A retry sends this, and builds nothing anew.</summary>
    public required string Body { get; set; }

    /// <summary>
    /// Counts the Idempotency-Keys, from 1: <c>charge:ID:1</c>. The same one is sent until the outcome is known; Stripe forgets a key after 24 h, and a new one
    /// follows only when Stripe's own list shows that it never had the request.
    /// </summary>
    public int Attempt { get; set; }

    /// <summary>Stripe's object, <c>pi_...</c> or <c>re_...</c>; null until Stripe has answered.</summary>
    public string? StripeId { get; set; }

    /// <summary>How often Stripe was asked and gave no outcome.</summary>
    public int Tries { get; set; }

    /// <summary>When this attempt was first sent, or may have been: recorded before it is. Null before.</summary>
    public DateTimeOffset? AskedAt { get; set; }

    /// <summary>True from before a request to Stripe until its answer is recorded.</summary>
    public bool IsUnanswered { get; set; }

    /// <summary>The fence: how often the row was claimed. Every write of a claim carries its number.</summary>
    public long Claim { get; set; }

    /// <summary>The earliest time at which a worker may claim it; while it is claimed, the end of the lease.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>When the relay publishes it, unless it is answered before.</summary>
    public DateTimeOffset NextPublishAt { get; set; }

    /// <summary>What the last try met, one sentence; null when nothing went wrong.</summary>
    public string? Error { get; set; }

    /// <summary>The W3C trace context of the request that created it.</summary>
    public string? TraceParent { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the outcome was known; null until then.</summary>
    public DateTimeOffset? AnsweredAt { get; set; }
}

/// <summary>Values of <see cref="StripeRequest.Kind"/>.</summary>
public static class StripeRequestKind
{
    /// <summary>Create and confirm a PaymentIntent.</summary>
    public const string Charge = "charge";

    /// <summary>Create a Refund.</summary>
    public const string Refund = "refund";
}

/// <summary>Maps the table <c>stripe_requests</c>.</summary>
internal sealed class StripeRequestTable : IEntityTypeConfiguration<StripeRequest>
{
    public void Configure(EntityTypeBuilder<StripeRequest> table)
    {
        table.ToTable("stripe_requests", requests =>
        {
            requests.HasCheckConstraint("stripe_requests_kind_known", "kind IN ('charge', 'refund')");
            requests.HasCheckConstraint("stripe_requests_refund_when_refund", "(kind = 'refund') = (refund_id IS NOT NULL)");
        });
        table.HasKey(r => r.Id).HasName("stripe_requests_pkey");
        table.HasIndex(r => new { r.ChargeId, r.RefundId }).IsUnique().HasDatabaseName("stripe_requests_charge").AreNullsDistinct(false);
        table.HasIndex(r => r.NextPublishAt).HasFilter("answered_at IS NULL").HasDatabaseName("stripe_requests_next_publish_at");
        table.HasOne<Charge>().WithMany().HasForeignKey(r => r.ChargeId).HasConstraintName("stripe_requests_charge_id_fkey").OnDelete(DeleteBehavior.NoAction);
        table.Property(r => r.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(r => r.Kind).HasColumnName("kind").HasColumnType("text").UseCollation("C");
        table.Property(r => r.ChargeId).HasColumnName("charge_id");
        table.Property(r => r.RefundId).HasColumnName("refund_id");
        table.Property(r => r.CustomerId).HasColumnName("customer_id").HasColumnType("text").UseCollation("C");
        table.Property(r => r.Body).HasColumnName("body").HasColumnType("json");
        table.Property(r => r.Attempt).HasColumnName("attempt").HasDefaultValue(1);
        table.Property(r => r.StripeId).HasColumnName("stripe_id").HasColumnType("text").UseCollation("C");
        table.Property(r => r.Tries).HasColumnName("tries").HasDefaultValue(0);
        table.Property(r => r.AskedAt).HasColumnName("asked_at");
        table.Property(r => r.IsUnanswered).HasColumnName("is_unanswered").HasDefaultValue(false);
        table.Property(r => r.Claim).HasColumnName("claim").HasDefaultValue(0L);
        table.Property(r => r.DueAt).HasColumnName("due_at").HasDefaultValueSql("now()");
        table.Property(r => r.NextPublishAt).HasColumnName("next_publish_at");
        table.Property(r => r.Error).HasColumnName("error");
        table.Property(r => r.TraceParent).HasColumnName("traceparent").HasColumnType("text").UseCollation("C");
        table.Property(r => r.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(r => r.AnsweredAt).HasColumnName("answered_at");
    }
}
