using Data.DeadLetters;
using Data.Idempotency;
using Data.Ledger;
using Data.Payments;
using Data.Transactions;
using Data.Users;
using Data.Workers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Data;

/// <summary>
/// The database <c>webhooks</c>. The model owns the schema: <c>dotnet ef migrations add NAME --project Data</c> writes the migration for a change
/// of it. Statements that are not on a hot path are LINQ over this context.
/// </summary>
public sealed class WebhooksDbContext(DbContextOptions<WebhooksDbContext> options) : DbContext(options)
{
    /// <summary>Transaction webhooks and their outcomes.</summary>
    public DbSet<Transaction> Transactions => Set<Transaction>();

    /// <summary>Kafka records that could not be processed.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    /// <summary>The running workers, as they report themselves.</summary>
    public DbSet<WorkerInstance> WorkerInstances => Set<WorkerInstance>();

    /// <summary>Users of the payment gateway.</summary>
    public DbSet<User> Users => Set<User>();

    /// <summary>Accounts of the ledger.</summary>
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Transfers of the ledger.</summary>
    public DbSet<Transfer> Transfers => Set<Transfer>();

    /// <summary>Entries of the transfers.</summary>
    public DbSet<Entry> Entries => Set<Entry>();

    /// <summary>Amounts that are reserved.</summary>
    public DbSet<Hold> Holds => Set<Hold>();

    /// <summary>Deposits and withdrawals.</summary>
    public DbSet<Payment> Payments => Set<Payment>();

    /// <summary>Stored answers of idempotent requests.</summary>
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    /// <summary>The first bytes of a value: PostgreSQL's <c>substr</c>. For queries only; a long value then does not leave the database.</summary>
    /// <param name="value">A column.</param>
    /// <param name="from">The first byte, counted from 1.</param>
    /// <param name="count">The number of bytes.</param>
    /// <exception cref="InvalidOperationException">It was called outside a query.</exception>
    [DbFunction("substr", IsBuiltIn = true)]
    public static byte[]? Substring(byte[]? value, int from, int count) => throw new InvalidOperationException("Substring is for queries only.");

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(WebhooksDbContext).Assembly);
}

/// <summary>Creates the context for <c>dotnet ef</c>, which never connects when it adds a migration.</summary>
internal sealed class WebhooksDbContextFactory : IDesignTimeDbContextFactory<WebhooksDbContext>
{
    public WebhooksDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<WebhooksDbContext>()
        .UseNpgsql(Environment.GetEnvironmentVariable("ConnectionStrings__webhooks") ?? "Host=localhost;Database=webhooks").Options);
}
