using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Ledger;

/// <summary>
/// Maps the ledger's tables. What EF Core cannot express stands in the migrations as SQL: the triggers that keep the sums at zero and the
/// history unchanged, and the fill factor of <c>accounts</c>.
/// </summary>
internal sealed class LedgerTables :
    IEntityTypeConfiguration<Account>, IEntityTypeConfiguration<Transfer>, IEntityTypeConfiguration<Entry>, IEntityTypeConfiguration<Hold>
{
    public void Configure(EntityTypeBuilder<Account> table)
    {
        table.ToTable("accounts", accounts =>
        {
            accounts.HasCheckConstraint("accounts_held_not_negative", "held >= 0");
            accounts.HasCheckConstraint("accounts_available_not_negative", $"kind = '{AccountKind.Bank}' OR balance >= held");
            accounts.HasCheckConstraint("accounts_kind_known", $"kind IN ({string.Join(", ", AccountKind.All.Select(kind => $"'{kind}'"))})");
        });
        table.HasKey(a => a.Id).HasName("accounts_pkey");
        table.HasIndex(a => new { a.Owner, a.Currency }).IsUnique().HasDatabaseName("accounts_owner");
        table.Property(a => a.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(a => a.Owner).HasColumnName("owner").HasColumnType("text").UseCollation("C");
        table.Property(a => a.Kind).HasColumnName("kind").HasColumnType("text").UseCollation("C");
        table.Property(a => a.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(a => a.Balance).HasColumnName("balance").HasPrecision(28, 4).HasDefaultValueSql("0");
        table.Property(a => a.Held).HasColumnName("held").HasPrecision(28, 4).HasDefaultValueSql("0");
    }

    public void Configure(EntityTypeBuilder<Transfer> table)
    {
        table.ToTable("transfers");
        table.HasKey(t => t.Id).HasName("transfers_pkey");
        table.HasIndex(t => t.Reference).IsUnique().HasDatabaseName("transfers_reference");
        table.Property(t => t.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(t => t.Reference).HasColumnName("reference").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Kind).HasColumnName("kind").HasColumnType("text").UseCollation("C");
        table.Property(t => t.Description).HasColumnName("description");
        table.Property(t => t.Currency).HasColumnName("currency").HasColumnType("text").UseCollation("C");
        table.Property(t => t.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }

    public void Configure(EntityTypeBuilder<Entry> table)
    {
        table.ToTable("entries", entries => entries.HasCheckConstraint("entries_amount_not_zero", "amount <> 0"));
        table.HasKey(e => new { e.TransferId, e.AccountId }).HasName("entries_pkey");
        table.HasIndex(e => new { e.AccountId, e.TransferId }).HasDatabaseName("entries_account"); // An account's statement, newest first.
        table.Property(e => e.TransferId).HasColumnName("transfer_id");
        table.Property(e => e.AccountId).HasColumnName("account_id");
        table.Property(e => e.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(e => e.BalanceAfter).HasColumnName("balance_after").HasPrecision(28, 4);
    }

    public void Configure(EntityTypeBuilder<Hold> table)
    {
        table.ToTable("holds", holds => holds.HasCheckConstraint("holds_amount_positive", "amount > 0"));
        table.HasKey(h => h.Reference).HasName("holds_pkey");
        table.HasIndex(h => h.AccountId).HasDatabaseName("holds_account");
        table.HasOne<Account>().WithMany().HasForeignKey(h => h.AccountId).HasConstraintName("holds_account_id_fkey").OnDelete(DeleteBehavior.NoAction);
        table.Property(h => h.Reference).HasColumnName("reference").HasColumnType("text").UseCollation("C");
        table.Property(h => h.AccountId).HasColumnName("account_id");
        table.Property(h => h.Amount).HasColumnName("amount").HasPrecision(19, 4);
        table.Property(h => h.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
