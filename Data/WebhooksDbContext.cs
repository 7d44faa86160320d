using Data.DeadLetters;
using Data.Transactions;
using Data.Workers;
using Microsoft.EntityFrameworkCore;

namespace Data;

/// <summary>The database <c>webhooks</c>: its tables, for migrations and for all that is not hot.</summary>
public sealed class WebhooksDbContext(DbContextOptions<WebhooksDbContext> options) : DbContext(options)
{
    /// <summary>Transaction webhooks and their outcome.</summary>
    public DbSet<Transaction> Transactions => Set<Transaction>();

    /// <summary>Kafka records that could not be understood.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    /// <summary>The workers that run, by their own word.</summary>
    public DbSet<WorkerInstance> WorkerInstances => Set<WorkerInstance>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(WebhooksDbContext).Assembly);
}
