using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Clock;

/// <summary>
/// The row of <c>business_clock</c>: how far the clock of due dates is ahead of the database's. In production there is no row, and the SQL function
/// <c>business_now()</c> is <c>now()</c>. In Development the sandbox's test clock writes it, so that a year of installments passes in a minute. Leases, retries
/// and created_at keep the real time.
/// </summary>
public sealed class BusinessClock
{
    /// <summary>Always true: there is one row at most.</summary>
    public bool Id { get; set; } = true;

    /// <summary>How far it is ahead; not negative.</summary>
    public TimeSpan Ahead { get; set; }
}

/// <summary>Maps the table <c>business_clock</c>.</summary>
internal sealed class BusinessClockTable : IEntityTypeConfiguration<BusinessClock>
{
    public void Configure(EntityTypeBuilder<BusinessClock> table)
    {
        table.ToTable("business_clock", clock =>
        {
            clock.HasCheckConstraint("business_clock_one_row", "id");
            clock.HasCheckConstraint("business_clock_not_back", "ahead >= interval '0'");
        });
        table.HasKey(c => c.Id).HasName("business_clock_pkey");
        table.Property(c => c.Id).HasColumnName("id").ValueGeneratedNever();
        table.Property(c => c.Ahead).HasColumnName("ahead").HasColumnType("interval");
    }
}
