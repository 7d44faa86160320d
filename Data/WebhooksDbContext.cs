using Data.DeadLetters;
using Data.Idempotency;
using Data.Ledger;
using Data.Payments;
using Data.Transactions;
using Data.Users;
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

    /// <summary>Who moves money here.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>What everybody has.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Money that has moved.</summary>
    public DbSet<Transfer> Transfers => Set<Transfer>();

    /// <summary>The accounts' sides of transfers.</summary>
    public DbSet<Entry> Entries => Set<Entry>();

    /// <summary>Money that is promised.</summary>
    public DbSet<Hold> Holds => Set<Hold>();

    /// <summary>Deposits and withdrawals.</summary>
    public DbSet<Payment> Payments => Set<Payment>();

    /// <summary>Answers that are given again.</summary>
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(WebhooksDbContext).Assembly);
}
