using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Workers;

internal sealed class WorkerInstanceTable : IEntityTypeConfiguration<WorkerInstance>
{
    public void Configure(EntityTypeBuilder<WorkerInstance> table)
    {
        table.ToTable("worker_instances");
        table.HasKey(w => w.InstanceId).HasName("worker_instances_pkey");
        table.Property(w => w.InstanceId).HasColumnName("instance_id");
        table.Property(w => w.Partitions).HasColumnName("partitions");
        table.Property(w => w.Lag).HasColumnName("lag");
        table.Property(w => w.Waiting).HasColumnName("waiting");
        table.Property(w => w.OldestDueSeconds).HasColumnName("oldest_due_seconds");
        table.Property(w => w.Problems).HasColumnName("problems").HasDefaultValueSql("'{}'");
        table.Property(w => w.SeenAt).HasColumnName("seen_at").HasDefaultValueSql("now()");
    }
}
