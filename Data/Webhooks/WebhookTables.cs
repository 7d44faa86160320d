using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Webhooks;

/// <summary>
/// Maps <c>webhook_endpoints</c>, <c>webhook_events</c>, <c>webhook_deliveries</c>, <c>webhook_attempts</c>, and the keys that encrypt secrets.
/// </summary>
internal sealed class WebhookTables
    : IEntityTypeConfiguration<WebhookEndpoint>, IEntityTypeConfiguration<WebhookEvent>, IEntityTypeConfiguration<WebhookDelivery>,
        IEntityTypeConfiguration<WebhookAttempt>, IEntityTypeConfiguration<DataProtectionKey>
{
    public void Configure(EntityTypeBuilder<WebhookEndpoint> table)
    {
        table.ToTable("webhook_endpoints", endpoints =>
        {
            endpoints.HasCheckConstraint("webhook_endpoints_style_known", "payload_style IN ('envelope', 'flat')");
            endpoints.HasCheckConstraint("webhook_endpoints_disabled_because", "(disabled_at IS NULL) = (disabled_because IS NULL)");
        });
        table.HasKey(e => e.Id).HasName("webhook_endpoints_pkey");

        // Which endpoints want an event: those of its customer and those of nobody. There are few of the latter.
        table.HasIndex(e => e.CustomerId).HasFilter("deleted_at IS NULL").HasDatabaseName("webhook_endpoints_customer");
        table.HasIndex(e => new { e.CustomerId, e.Id }).HasDatabaseName("webhook_endpoints_owner"); // Deleted ones too: their deliveries are in the log.
        table.HasIndex(e => e.NextPublishAt).HasFilter("deleted_at IS NULL AND disabled_at IS NULL").HasDatabaseName("webhook_endpoints_next_publish_at");
        table.Property(e => e.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(e => e.Url).HasColumnName("url");
        table.Property(e => e.CustomerId).HasColumnName("customer_id").HasColumnType("text").UseCollation("C");
        table.Property(e => e.EventTypes).HasColumnName("event_types").HasDefaultValueSql("'{}'");
        table.Property(e => e.Description).HasColumnName("description");
        table.Property(e => e.PayloadStyle).HasColumnName("payload_style").HasColumnType("text").UseCollation("C");
        table.Property(e => e.Secret).HasColumnName("secret");
        table.Property(e => e.PreviousSecret).HasColumnName("previous_secret");
        table.Property(e => e.PreviousSecretUntil).HasColumnName("previous_secret_until");
        table.Property(e => e.FailingSince).HasColumnName("failing_since");
        table.Property(e => e.DisabledAt).HasColumnName("disabled_at");
        table.Property(e => e.DisabledBecause).HasColumnName("disabled_because").HasColumnType("text").UseCollation("C");
        table.Property(e => e.NextPublishAt).HasColumnName("next_publish_at").HasDefaultValueSql("now()");
        table.Property(e => e.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(e => e.UpdatedAt).HasColumnName("updated_at");
        table.Property(e => e.DeletedAt).HasColumnName("deleted_at");
    }

    public void Configure(EntityTypeBuilder<WebhookEvent> table)
    {
        table.ToTable("webhook_events");
        table.HasKey(e => e.Id).HasName("webhook_events_pkey");
        table.HasIndex(e => e.Sequence).HasFilter("position IS NULL").HasDatabaseName("webhook_events_to_fan_out");
        table.HasIndex(e => e.Position).IsUnique().HasFilter("position IS NOT NULL").HasDatabaseName("webhook_events_position");
        table.Property(e => e.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(e => e.Type).HasColumnName("type").HasColumnType("text").UseCollation("C");
        table.Property(e => e.CustomerId).HasColumnName("customer_id").HasColumnType("text").UseCollation("C");
        table.Property(e => e.ResourceId).HasColumnName("resource_id").HasColumnType("text").UseCollation("C");
        table.Property(e => e.Sequence).HasColumnName("sequence").UseIdentityAlwaysColumn();
        table.Property(e => e.Snapshot).HasColumnName("snapshot").HasColumnType("json");
        table.Property(e => e.Data).HasColumnName("data").HasColumnType("json");
        table.Property(e => e.Position).HasColumnName("position");
        table.Property(e => e.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(e => e.TraceParent).HasColumnName("traceparent").HasColumnType("text").UseCollation("C");
    }

    public void Configure(EntityTypeBuilder<WebhookDelivery> table)
    {
        table.ToTable("webhook_deliveries", deliveries =>
        {
            deliveries.HasCheckConstraint("webhook_deliveries_status_known", "status IN ('pending', 'delivered', 'failed')");
            deliveries.HasCheckConstraint("webhook_deliveries_due_while_pending", "(status = 'pending') = (next_attempt_at IS NOT NULL)");
            deliveries.HasCheckConstraint("webhook_deliveries_processed_when_final", "(status = 'pending') = (processed_at IS NULL)");
        });
        table.HasKey(d => d.Id).HasName("webhook_deliveries_pkey");
        table.HasIndex(d => new { d.EventId, d.EndpointId }).IsUnique().HasDatabaseName("webhook_deliveries_event");

        // What is due at an endpoint: a probe each, however many wait for long.
        table.HasIndex(d => new { d.EndpointId, d.NextAttemptAt }).HasFilter("status = 'pending'").HasDatabaseName("webhook_deliveries_due");

        // The log's lists, newest first, since ids rise with time: each type and status by itself, of one endpoint and of all; Query.Api merges them. Those
        // that wait have an index of their own, so that a delivery gets an entry in each of the others once. 100,000 deliveries from insert to outcome cost
        // 3.7 s of PostgreSQL's CPU with these; 3.2 s with (endpoint_id, id) alone, where a page of a rare type or status reads a million rows; 4.6 s with
        // every status in one index.
        table.HasIndex(d => new { d.EndpointId, d.EventType, d.Id }).HasFilter("status = 'pending'").HasDatabaseName("webhook_deliveries_pending");
        table.HasIndex(d => new { d.EndpointId, d.Status, d.EventType, d.Id }).HasFilter("status <> 'pending'").HasDatabaseName("webhook_deliveries_endpoint");
        table.HasIndex(d => new { d.Status, d.EventType, d.Id }).HasFilter("status <> 'pending'").HasDatabaseName("webhook_deliveries_status");
        table.Property(d => d.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(d => d.EventId).HasColumnName("event_id");
        table.Property(d => d.EndpointId).HasColumnName("endpoint_id");
        table.Property(d => d.EventType).HasColumnName("event_type").HasColumnType("text").UseCollation("C");
        table.Property(d => d.Status).HasColumnName("status").HasColumnType("text").UseCollation("C").HasDefaultValue(DeliveryStatus.Pending);
        table.Property(d => d.Attempts).HasColumnName("attempts").HasDefaultValue(0);
        table.Property(d => d.Tries).HasColumnName("tries").HasDefaultValue(0);
        table.Property(d => d.NextAttemptAt).HasColumnName("next_attempt_at");
        table.Property(d => d.ClaimedUntil).HasColumnName("claimed_until");
        table.Property(d => d.Claim).HasColumnName("claim").HasDefaultValue(0L);
        table.Property(d => d.ResponseStatus).HasColumnName("response_status");
        table.Property(d => d.ErrorMessage).HasColumnName("error_message");
        table.Property(d => d.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
        table.Property(d => d.ProcessedAt).HasColumnName("processed_at");
    }

    public void Configure(EntityTypeBuilder<WebhookAttempt> table)
    {
        table.ToTable("webhook_attempts");
        table.HasKey(a => new { a.DeliveryId, a.Number }).HasName("webhook_attempts_pkey");
        table.Property(a => a.DeliveryId).HasColumnName("delivery_id");
        table.Property(a => a.Number).HasColumnName("number");
        table.Property(a => a.SentAt).HasColumnName("sent_at");
        table.Property(a => a.DurationMs).HasColumnName("duration_ms");
        table.Property(a => a.ResponseStatus).HasColumnName("response_status");
        table.Property(a => a.ResponseBody).HasColumnName("response_body");
        table.Property(a => a.ErrorMessage).HasColumnName("error_message");
    }

    public void Configure(EntityTypeBuilder<DataProtectionKey> table)
    {
        table.ToTable("data_protection_keys");
        table.HasKey(k => k.Id).HasName("data_protection_keys_pkey");
        table.Property(k => k.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(k => k.FriendlyName).HasColumnName("friendly_name");
        table.Property(k => k.Xml).HasColumnName("xml");
    }
}
