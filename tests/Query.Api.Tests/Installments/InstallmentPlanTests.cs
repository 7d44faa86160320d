using Data;
using Data.Installments;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Query.Api.Installments;
using Query.Api.Lists;

namespace Query.Api.Tests.Installments;

/// <summary>
/// On 30,000 installments that all fell due at the same midnight, and as many that are paid, with PostgreSQL's own settings: no page reads more than its own
/// rows and the way to them.
/// </summary>
public sealed class InstallmentPlanTests(InstallmentPlanTests.ManyDue due) : IClassFixture<InstallmentPlanTests.ManyDue>
{
    [Theory]
    [InlineData(0, 100), InlineData(0, 200), InlineData(15_000, 100), InlineData(29_000, 100)]
    public async Task A_page_of_what_is_due_costs_the_same_wherever_it_begins(int after, int limit)
    {
        await using var database = Context();
        TimeCursor? cursor = after == 0 ? null : new(new DateTime(2026, 2, 15, 0, 0, 0, DateTimeKind.Utc), $"{Id(after)}");
        await using var command = ListDueInstallments.Rows(database, customerId: null, new(cursor, limit, Skip: 0)).CreateDbCommand();

        // The row and its order by key.
        await Plans.AssertReadsAsync(due.Database, command, 20 + (5 * (limit + 1)));
    }

    [Fact]
    public async Task Of_one_customer_only_their_orders_are_read()
    {
        await using var database = Context();
        await using var command = ListDueInstallments.Rows(database, "cust_7", new(After: null, 100, Skip: 0)).CreateDbCommand();

        await Plans.AssertReadsAsync(due.Database, command, 20 + (10 * 15) + (4 * 100)); // Ten active orders with ten installments each.
    }

    [Theory]
    [InlineData(null, null), InlineData(null, OrderStatus.Active), InlineData("cust_7", null), InlineData("cust_7", OrderStatus.Completed)]
    public async Task A_page_of_orders_costs_the_same_wherever_it_begins(string? customer, string? status)
    {
        foreach (var before in (int[])[30_001, 15_000, 500])
        {
            await using var database = Context();
            IReadOnlyList<string> statuses = status is null ? OrderStatus.All : [status];
            await using var command = database.InstallmentOrders.Newest(statuses, customer, new(new UuidCursor(Id(before)), 100, Skip: 0)).CreateDbCommand();

            await Plans.AssertReadsAsync(due.Database, command, (5 * 8) + (5 * 101));
        }
    }

    [Fact]
    public async Task The_installments_of_a_page_of_orders_are_found_by_their_orders()
    {
        await using var database = Context();
        await using var command = ListOrders.InstallmentsOf(database, [.. Enumerable.Range(1, 100).Select(n => Id(n * 299))]).CreateDbCommand();

        await Plans.AssertReadsAsync(due.Database, command, 100 * 6);
    }

    private static Guid Id(int n) => Guid.Parse($"019a0000-0000-7000-8000-{n:x12}");

    private WebhooksDbContext Context() => new(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(due.Database).Options);

    /// <summary>A database of its own: 30,000 orders of 300 customers, a tenth of them active; the active ones' installments are due.</summary>
    public sealed class ManyDue(Databases databases) : IAsyncLifetime
    {
        private static readonly string[] Fill =
        [
            """
            INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone)
            SELECT ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'cust_' || n % 300, 2, 'USD', 2, 1,
                CASE WHEN n / 300 % 10 = 0 THEN 'active' ELSE 'completed' END, 'UTC'
            FROM generate_series(1, 30000) n
            """,
            """
            INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
            SELECT ('019a0000-0000-7000-8000-' || lpad(to_hex(row_number() OVER (ORDER BY o.status, o.id, i)), 12, '0'))::uuid, o.id, i, 1, '2026-02-15',
                timestamptz '2026-02-15Z', CASE o.status WHEN 'active' THEN 'pending' ELSE 'paid' END,
                CASE o.status WHEN 'active' THEN timestamptz '2026-02-15Z' END
            FROM installment_orders o, generate_series(1, CASE o.status WHEN 'active' THEN 10 ELSE 1 END) i
            """,
        ];

        private NpgsqlDataSource? _database;

        public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("Not yet there.");

        public async ValueTask InitializeAsync() => _database = await databases.FillAsync("installment_plans", Fill, "installment_orders", "installments");

        public async ValueTask DisposeAsync()
        {
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
