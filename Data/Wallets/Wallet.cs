using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Wallets;

/// <summary>
/// A row of <c>wallets</c>: a customer's wallet. Its money is the ledger account <see cref="Ledger.Accounts.OfWallet"/>: the row says only whose it is and
/// in which currency, so that the balance stands in one place.
/// </summary>
public sealed class Wallet
{
    /// <summary>A UUID of version 7: ordered by time.</summary>
    public Guid Id { get; set; }

    /// <summary>The customer's id (<see cref="Contracts.Ids"/>). Unique: a customer has one wallet.</summary>
    public required string CustomerId { get; set; }

    /// <summary>ISO 4217, upper case.</summary>
    public required string Currency { get; set; }

    /// <summary>Whether charges may take money from it.</summary>
    public bool IsActive { get; set; }

    /// <summary>When the row was inserted, by the database's clock.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>Maps the table <c>wallets</c>.</summary>
internal sealed class WalletTable : IEntityTypeConfiguration<Wallet>
{
    public void Configure(EntityTypeBuilder<Wallet> table)
    {
        table.ToTable("wallets");
        table.HasKey(w => w.Id).HasName("wallets_pkey");
        table.HasIndex(w => w.CustomerId).IsUnique().HasDatabaseName("wallets_customer");
        table.Property(w => w.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(w => w.CustomerId).HasColumnName("customer_id").HasColumnType("text").UseCollation("C");
        table.Property(w => w.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(w => w.IsActive).HasColumnName("is_active").HasDefaultValue(true);
        table.Property(w => w.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
