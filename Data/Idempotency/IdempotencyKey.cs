using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Idempotency;

/// <summary>A row of <c>idempotency_keys</c>: the response that a repeated request gets. It is committed with the changes of the first request.</summary>
public sealed class IdempotencyKey
{
    /// <summary>The caller and the operation: <c>user:1 POST /api/v1/deposits</c>.</summary>
    public required string Scope { get; set; }

    /// <summary>The caller's Idempotency-Key.</summary>
    public required string Key { get; set; }

    /// <summary>SHA-256 of the body, 32 bytes.</summary>
    public required byte[] RequestHash { get; set; }

    /// <summary>The response's HTTP status.</summary>
    public int Status { get; set; }

    /// <summary>The response's Location, if it has one.</summary>
    public string? Location { get; set; }

    /// <summary>The response's media type.</summary>
    public required string ContentType { get; set; }

    /// <summary>The response's body, byte for byte.</summary>
    public required byte[] Body { get; set; }

    /// <summary>When the key expires.</summary>
    public DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>Maps the table <c>idempotency_keys</c>.</summary>
internal sealed class IdempotencyKeyTable : IEntityTypeConfiguration<IdempotencyKey>
{
    public void Configure(EntityTypeBuilder<IdempotencyKey> table)
    {
        table.ToTable("idempotency_keys");
        table.HasKey(k => new { k.Scope, k.Key }).HasName("idempotency_keys_pkey");
        table.HasIndex(k => k.ExpiresAt).HasDatabaseName("idempotency_keys_expires_at");
        table.HasIndex(k => k.Key).HasDatabaseName("idempotency_keys_key"); // An operator's search: whose it is, the key does not say.
        table.Property(k => k.Scope).HasColumnName("scope").HasColumnType("text").UseCollation("C");
        table.Property(k => k.Key).HasColumnName("key").HasColumnType("text").UseCollation("C");
        table.Property(k => k.RequestHash).HasColumnName("request_hash");
        table.Property(k => k.Status).HasColumnName("status").HasDefaultValue(0);
        table.Property(k => k.Location).HasColumnName("location");
        table.Property(k => k.ContentType).HasColumnName("content_type").HasDefaultValue("");
        table.Property(k => k.Body).HasColumnName("body").HasDefaultValueSql("''");
        table.Property(k => k.ExpiresAt).HasColumnName("expires_at");
    }
}
