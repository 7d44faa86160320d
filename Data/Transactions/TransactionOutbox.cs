using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Transactions;

/// <summary>
/// A row of <c>transaction_outbox</c>: some transactions with this <see cref="CreatedAt"/>, which one commit of the intake share, may be without an outcome.
/// While a transaction is PROCESSING there is such a row whose <see cref="LookAt"/> is not after its next_publish_at: a trigger adds one for whatever is
/// inserted, and a statement that makes next_publish_at earlier adds another (<see cref="AddFrom"/>). The relay deletes a row when it finds all of its
/// transactions with their outcome.
/// One row a commit instead of an index of what is PROCESSING: an outcome that changes no indexed column is a heap-only update, which writes one page instead
/// of that and four indexes (docs/performance.md).
/// </summary>
public sealed class TransactionOutbox
{
    /// <summary>Made by the database.</summary>
    public long Id { get; set; }

    /// <summary>Of the transactions, by the database's clock. Several rows may have the same: one for the commit, one for each retry.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the relay looks at the transactions.</summary>
    public DateTimeOffset LookAt { get; set; }

    /// <summary>A statement for a CTE: the PROCESSING ones of <paramref name="rows"/>, a table with transactions' columns, are looked at in time.</summary>
    public static string AddFrom(string rows) =>
        "INSERT INTO transaction_outbox (created_at, look_at) "
        + $"SELECT created_at, min(next_publish_at) FROM {rows} WHERE status = 'PROCESSING' GROUP BY created_at";
}

/// <summary>Maps the table <c>transaction_outbox</c>.</summary>
internal sealed class TransactionOutboxTable : IEntityTypeConfiguration<TransactionOutbox>
{
    public void Configure(EntityTypeBuilder<TransactionOutbox> table)
    {
        table.ToTable("transaction_outbox");
        table.HasKey(o => o.Id).HasName("transaction_outbox_pkey");

        // The relay's, and that of the lists of what is PROCESSING.
        table.HasIndex(o => o.LookAt).HasDatabaseName("transaction_outbox_look_at");
        table.HasIndex(o => o.CreatedAt).HasDatabaseName("transaction_outbox_created_at");
        table.Property(o => o.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(o => o.CreatedAt).HasColumnName("created_at");
        table.Property(o => o.LookAt).HasColumnName("look_at");
    }
}
