using System.Diagnostics.Metrics;
using System.Globalization;
using Data.Charges;
using Data.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Processor.Worker.Installments;
using Processor.Worker.Tests.Worlds;
using Processor.Worker.Work;

namespace Processor.Worker.Tests.Installments;

/// <summary>A database with customers who have money, their orders, and workers that charge what is due; without Kafka and Stripe.</summary>
internal sealed class OrderWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private int _customers;

    private OrderWorld(string connectionString) => Database = NpgsqlDataSource.Create(connectionString);

    public NpgsqlDataSource Database { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public static async Task<OrderWorld> CreateAsync(Servers servers) => new(await servers.CreateDatabaseAsync());

    /// <summary>A new customer, whose wallet has that much.</summary>
    public Task<string> AddCustomerAsync(decimal balance) => AddCustomerAsync(Database, $"cust_{Interlocked.Increment(ref _customers)}", balance);

    /// <summary>The same in any database.</summary>
    public static async Task<string> AddCustomerAsync(NpgsqlDataSource database, string customer, decimal balance)
    {
        var wallet = Guid.CreateVersion7();
        await using var connection = await database.OpenConnectionAsync(Cancelled);
        await using (var insert = new NpgsqlCommand($"INSERT INTO wallets (id, customer_id, currency) VALUES ('{wallet}', '{customer}', 'USD')", connection))
            await insert.ExecuteNonQueryAsync(Cancelled);
        var own = await OpenAccount.RunAsync(connection, Accounts.OfWallet(customer, "USD"), Cancelled);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfFunding(wallet, "USD"), Cancelled);
        if (balance == 0) return customer;
        var credit = new NewTransfer($"credit:{wallet}", "credit", "USD", new Data.Ledger.Posting(own, balance), new Data.Ledger.Posting(bank, -balance));
        await PostTransfers.AndCommitAsync(connection, [credit], Cancelled);
        return customer;
    }

    /// <summary>An active order of installments of 10 USD each, of which the first is due and the others a month after each other.</summary>
    public Task<Guid> AddOrderAsync(string customer, int count, string? card = null, string? split = null) =>
        AddOrderAsync(Database, customer, count, card, split);

    /// <summary>The same in any database.</summary>
    public static async Task<Guid> AddOrderAsync(NpgsqlDataSource database, string customer, int count, string? card = null, string? split = null)
    {
        var id = Guid.CreateVersion7();
        await using var insert = database.CreateCommand(
            $$"""
            WITH made AS (
                INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone,
                    stripe_payment_method, split_instructions, metadata)
                VALUES ('{{id}}', '{{customer}}', 10 * {{count}}, 'USD', {{count}}, 10, 'active', 'UTC', $1, $2::json, '{"order":"A-17","price":1.50}'))
            INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
            SELECT gen_random_uuid(), '{{id}}', n, 10, due_at::date, due_at, 'pending', due_at
            FROM generate_series(1, {{count}}) AS n, LATERAL (SELECT business_now() - interval '1 s' + (n - 1) * interval '31 d' AS due_at) AS due
            """);
        insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = card, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = split, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await insert.ExecuteNonQueryAsync(Cancelled);
        return id;
    }

    /// <summary>A worker's scheduler, which looks every 20 ms until it is disposed of.</summary>
    public async Task<PollWork<ClaimedInstallment>> StartSchedulerAsync()
    {
        var (claim, charge) = (new ClaimInstallments(Database), Charger());
        var rules = new PollRules<ClaimedInstallment>(
            "installments", TimeSpan.FromMilliseconds(20), MaxConcurrency: 4, TimeSpan.FromSeconds(30), claim.RunAsync, one => $"{one.Id}", charge.RunAsync);
        var problems = new Problems(Meters, TimeProvider.System, NullLogger<Problems>.Instance);
        var work = new PollWork<ClaimedInstallment>(rules, problems, TimeProvider.System, NullLogger<PollWork<ClaimedInstallment>>.Instance);
        await work.StartAsync(Cancelled);
        return work;
    }

    /// <summary>What a worker does with a claim.</summary>
    public ChargeDueInstallment Charger() =>
        new(Database, new InstallmentMetrics(Meters), TimeProvider.System, NullLogger<ChargeDueInstallment>.Instance);

    /// <summary>Claims what is due and charges it, once.</summary>
    /// <returns>How many were claimed.</returns>
    public async Task<int> ChargeDueAsync()
    {
        var claimed = await new ClaimInstallments(Database).RunAsync(100, TimeSpan.FromSeconds(30), Cancelled);
        foreach (var claim in claimed) await Charger().RunAsync(claim);
        return claimed.Count;
    }

    /// <summary>Turns the business clock.</summary>
    public Task AdvanceAsync(int days) => ExecuteAsync(
        $"""
        INSERT INTO business_clock (id, ahead) VALUES (true, make_interval(hours => 24 * {days}))
        ON CONFLICT (id) DO UPDATE SET ahead = business_clock.ahead + excluded.ahead
        """);

    /// <summary>Stripe's outcome of an installment's last charge, as the worker or Stripe's webhook records it.</summary>
    public async Task SettleChargeAsync(Guid order, int number, StripeResult result)
    {
        var charge = await ScalarAsync<Guid>($"SELECT charge_id FROM installments WHERE order_id = '{order}' AND number = {number}");
        await using var connection = await Database.OpenConnectionAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        Assert.Equal(StripeSettlement.Settled, await SettleCharge.RunAsync(connection, charge, result, claim: null, Cancelled));
        await transaction.CommitAsync(Cancelled);
    }

    /// <summary>The order's status and its installments': <c>active: paid overdue pending</c>.</summary>
    public Task<string> StateAsync(Guid order) => ScalarAsync<string>(
        $"""
        SELECT o.status || ': ' || string_agg(i.status, ' ' ORDER BY i.number)
        FROM installment_orders o JOIN installments i ON i.order_id = o.id WHERE o.id = '{order}' GROUP BY o.status
        """);

    /// <summary>Charges of the order's installments: how many, and how many of them succeeded.</summary>
    public async Task<(long All, long Succeeded)> ChargesAsync(Guid order) => (
        await ScalarAsync<long>($"SELECT count(*) FROM charges WHERE installment_order_id = '{order}'"),
        await ScalarAsync<long>($"SELECT count(*) FROM charges WHERE installment_order_id = '{order}' AND status = 'succeeded'"));

    public Task<string> BalanceAsync(string customer) =>
        ScalarAsync<string>($"SELECT trim_scale(balance)::text FROM accounts WHERE owner = 'wallet:{customer}'");

    public async Task<T> ScalarAsync<T>(FormattableString sql)
    {
        await using var command = Database.CreateCommand(sql.ToString(CultureInfo.InvariantCulture));
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    public async Task ExecuteAsync(FormattableString sql)
    {
        await using var command = Database.CreateCommand(sql.ToString(CultureInfo.InvariantCulture));
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _services.DisposeAsync();
    }
}
