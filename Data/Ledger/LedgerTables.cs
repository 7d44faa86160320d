using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Ledger;

/// <summary>Maps the ledger's columns. Constraints, triggers and indexes stand in the migration, where their SQL says them best.</summary>
internal sealed class LedgerTables :
    IEntityTypeConfiguration<Account>, IEntityTypeConfiguration<Transfer>, IEntityTypeConfiguration<Entry>, IEntityTypeConfiguration<Hold>
{
    public void Configure(EntityTypeBuilder<Account> table)
    {
        table.ToTable("accounts");
        table.HasKey(a => a.Id).HasName("accounts_pkey");
        table.Property(a => a.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(a => a.Owner).HasColumnName("owner").HasColumnType("text").UseCollation("C");
        table.Property(a => a.Kind).HasColumnName("kind").HasColumnType("text").UseCollation("C");
        table.Property(a => a.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(a => a.Balance).HasColumnName("balance").HasPrecision(23, 4).HasDefaultValue(0m);
        table.Property(a => a.Held).HasColumnName("held").HasPrecision(23, 4).HasDefaultValue(0m);
    }

    public void Configure(EntityTypeBuilder<Transfer> table)
    {
        table.ToTable("transfers");
        table.HasKey(t => t.Id).HasName("transfers_pkey");
        table.Property(t => t.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(t => t.Reference).HasColumnName("reference").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Kind).HasColumnName("kind").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(t => t.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<Entry> table)
    {
        table.ToTable("entries");
        table.HasKey(e => new { e.TransferId, e.AccountId }).HasName("entries_pkey");
        table.Property(e => e.TransferId).HasColumnName("transfer_id");
        table.Property(e => e.AccountId).HasColumnName("account_id");
        table.Property(e => e.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(e => e.BalanceAfter).HasColumnName("balance_after").HasPrecision(23, 4);
    }

    public void Configure(EntityTypeBuilder<Hold> table)
    {
        table.ToTable("holds");
        table.HasKey(h => h.Reference).HasName("holds_pkey");
        table.Property(h => h.Reference).HasColumnName("reference").HasColumnType("text").UseCollation("C");
        table.Property(h => h.AccountId).HasColumnName("account_id");
        table.Property(h => h.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(h => h.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
