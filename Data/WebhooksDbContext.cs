using Data.Charges;
using Data.Clock;
using Data.DeadLetters;
using Data.Idempotency;
using Data.Installments;
using Data.Ledger;
using Data.Notices;
using Data.Payments;
using Data.Transactions;
using Data.Users;
using Data.Wallets;
using Data.Webhooks;
using Data.Workers;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Data;

/// <summary>
/// The database <c>webhooks</c>. The model owns the schema: <c>dotnet ef migrations add NAME --project Data</c> writes the migration for a change
/// of it. Statements that are not on a hot path are LINQ over this context.
/// </summary>
public sealed class WebhooksDbContext(DbContextOptions<WebhooksDbContext> options) : DbContext(options), IDataProtectionKeyContext
{
    /// <summary>Transaction webhooks and their outcomes.</summary>
    public DbSet<Transaction> Transactions => Set<Transaction>();

    /// <summary>Where transactions without an outcome are found.</summary>
    public DbSet<TransactionOutbox> TransactionOutbox => Set<TransactionOutbox>();

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

    /// <summary>Customers' wallets.</summary>
    public DbSet<Wallet> Wallets => Set<Wallet>();

    /// <summary>What customers pay.</summary>
    public DbSet<Charge> Charges => Set<Charge>();

    /// <summary>What of it goes back.</summary>
    public DbSet<Refund> Refunds => Set<Refund>();

    /// <summary>What Stripe is asked for.</summary>
    public DbSet<StripeRequest> StripeRequests => Set<StripeRequest>();

    /// <summary>Amounts that are paid in parts.</summary>
    public DbSet<InstallmentOrder> InstallmentOrders => Set<InstallmentOrder>();

    /// <summary>Those parts.</summary>
    public DbSet<Installment> Installments => Set<Installment>();

    /// <summary>Where outbound webhooks are sent to.</summary>
    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    /// <summary>What they tell of.</summary>
    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    /// <summary>Events for endpoints.</summary>
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    /// <summary>What became of sending them.</summary>
    public DbSet<WebhookAttempt> WebhookAttempts => Set<WebhookAttempt>();

    /// <summary>What operators should know of.</summary>
    public DbSet<Notice> Notices => Set<Notice>();

    /// <summary>Keys that encrypt secrets.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>The clock of due dates.</summary>
    public DbSet<BusinessClock> BusinessClocks => Set<BusinessClock>();

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
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasSequence(WebhookEvent.Positions);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(WebhooksDbContext).Assembly);
    }
}

/// <summary>Creates the context for <c>dotnet ef</c>, which never connects when it adds a migration.</summary>
internal sealed class WebhooksDbContextFactory : IDesignTimeDbContextFactory<WebhooksDbContext>
{
    public WebhooksDbContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<WebhooksDbContext>()
        .UseNpgsql(Environment.GetEnvironmentVariable("ConnectionStrings__webhooks") ?? "Host=localhost;Database=webhooks").Options);
}
