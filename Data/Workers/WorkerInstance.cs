using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Data.Workers;

/// <summary>
/// A row of <c>worker_instances</c>: the state that a running worker last reported. Every worker writes its own row every few seconds, so
/// that any of them can report on all; a worker whose row is older than 15 s is gone.
/// </summary>
public sealed class WorkerInstance
{
    /// <summary>Chosen at every start.</summary>
    public required string InstanceId { get; set; }

    /// <summary>Partitions of <c>transactions</c> that are assigned to it.</summary>
    public int Partitions { get; set; }

    /// <summary>Records in those partitions behind its committed offsets.</summary>
    public long Lag { get; set; }

    /// <summary>Records that it holds in memory until they are due.</summary>
    public int Waiting { get; set; }

    /// <summary>How late the oldest due record is, in seconds; 0 without one.</summary>
    public double OldestDueSeconds { get; set; }

    /// <summary>Lag and waiting records of each topic that it reads: <c>{"payments":{"lag":3,"waiting":1}}</c>.</summary>
    public string Topics { get; set; } = "{}";

    /// <summary>What an operator has to mend, one sentence each; empty when there is nothing.</summary>
    public string[] Problems { get; set; } = [];

    /// <summary>When the row was written, by the database's clock.</summary>
    public DateTimeOffset SeenAt { get; set; }
}

/// <summary>Maps the table <c>worker_instances</c>.</summary>
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
        table.Property(w => w.Topics).HasColumnName("topics").HasColumnType("jsonb").HasDefaultValueSql("'{}'");
        table.Property(w => w.Problems).HasColumnName("problems").HasDefaultValueSql("'{}'");
        table.Property(w => w.SeenAt).HasColumnName("seen_at").HasDefaultValueSql("now()");
    }
}
