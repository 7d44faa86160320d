using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Users;

/// <summary>A row of <c>users</c>: a user of the payment gateway, or an administrator.</summary>
public sealed class User
{
    /// <summary>Assigned by the database, from 1.</summary>
    public long Id { get; set; }

    /// <summary>Unique; lower case and normal form C (<see cref="EmailAddress.NormalizedAsync"/>), at most 254 characters (RFC 5321, 4.5.3.1.3).</summary>
    public required string Email { get; set; }

    /// <summary>The currency of the user's account: ISO 4217, upper case.</summary>
    public required string Currency { get; set; }

    /// <summary>SHA-256 of the API key, 32 bytes. The key itself is shown once and not stored.</summary>
    public required byte[] ApiKeyHash { get; set; }

    /// <summary>Whether this user sees the data of all users.</summary>
    public bool IsAdmin { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>Maps the table <c>users</c>.</summary>
internal sealed class UserTable : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> table)
    {
        table.ToTable("users", users =>
        {
            users.HasCheckConstraint("users_email_lower", "email = lower(email)");
            users.HasCheckConstraint("users_email_length", "length(email) BETWEEN 3 AND 254");
            users.HasCheckConstraint("users_currency_iso", "currency ~ '^[A-Z]{3}$'");
            users.HasCheckConstraint("users_api_key_hash_sha256", "length(api_key_hash) = 32");
        });
        table.HasKey(u => u.Id).HasName("users_pkey");
        table.HasIndex(u => u.Email).IsUnique().HasDatabaseName("users_email");
        table.HasIndex(u => u.ApiKeyHash).IsUnique().HasDatabaseName("users_api_key_hash"); // A key is looked up by its hash.
        table.Property(u => u.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(u => u.Email).HasColumnName("email").HasColumnType("text").UseCollation("C");
        table.Property(u => u.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C").HasDefaultValue("USD");
        table.Property(u => u.ApiKeyHash).HasColumnName("api_key_hash");
        table.Property(u => u.IsAdmin).HasColumnName("is_admin").HasDefaultValue(false);
        table.Property(u => u.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
