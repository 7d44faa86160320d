using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.DeadLetters;

internal sealed class DeadLetterTable : IEntityTypeConfiguration<DeadLetter>
{
    public void Configure(EntityTypeBuilder<DeadLetter> table)
    {
        table.ToTable("dead_letters");
        table.HasKey(d => d.Id).HasName("dead_letters_pkey");
        table.Property(d => d.Id).HasColumnName("id").UseIdentityAlwaysColumn();
        table.Property(d => d.Topic).HasColumnName("topic");
        table.Property(d => d.Partition).HasColumnName("partition");
        table.Property(d => d.Offset).HasColumnName("offset");
        table.Property(d => d.RecordTimestamp).HasColumnName("record_timestamp");
        table.Property(d => d.Key).HasColumnName("key");
        table.Property(d => d.Value).HasColumnName("value");
        table.Property(d => d.Reason).HasColumnName("reason");
        table.Property(d => d.Detail).HasColumnName("detail");
        table.Property(d => d.CreatedAt).HasColumnName("created_at").HasDefaultValueSql("now()");
    }
}
