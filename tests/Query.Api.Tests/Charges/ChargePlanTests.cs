using Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Query.Api.Charges;
using Query.Api.Lists;

namespace Query.Api.Tests.Charges;

/// <summary>
/// On 50,000 charges, half of them one customer's, with PostgreSQL's own settings: no page reads more than its own rows and the way to them. (With 1,000,000
/// the same was read but for a level of the index.)
/// </summary>
public sealed class ChargePlanTests(ChargePlanTests.ManyCharges charges) : IClassFixture<ChargePlanTests.ManyCharges>
{
    [Theory]
    [InlineData("")]
    [InlineData("status=failed")]
    [InlineData("status=pending")]
    [InlineData("limit=200")]
    [InlineData("customer_id=busy")]
    [InlineData("customer_id=busy&status=succeeded")]
    [InlineData("customer_id=busy&status=pending&limit=200")]
    [InlineData("customer_id=cust_7")]
    [InlineData("customer_id=cust_7&status=succeeded")]
    [InlineData("customer_id=nobody")]
    [InlineData("created_from=2025-10-19T00:00:00Z&created_to=2026-01-15T10:30:00Z")]
    [InlineData("customer_id=busy&created_to=2025-01-15T10:30:00Z")]
    [InlineData("installment_order_id=00000000-0000-0000-0000-000000000007")]
    [InlineData("installment_order_id=00000000-0000-0000-0000-000000000007&customer_id=busy&status=succeeded")]
    public async Task A_page_costs_the_same_wherever_it_begins(string query)
    {
        foreach (var cursor in (int[])[50_001, 40_000, 500])
            await AssertReadsAsync($"{query}&cursor={new UuidCursor(Guid.Parse($"019a0000-0000-7000-8000-{cursor:x12}"))}", skipped: 0);
    }

    [Theory]
    [InlineData(""), InlineData("status=succeeded"), InlineData("customer_id=busy")]
    public async Task Skipped_rows_are_read_from_the_index_alone(string query) =>
        await AssertReadsAsync($"{query}&skip={BareList.MaxSkip}", BareList.MaxSkip);

    [Fact]
    public async Task Refunds_are_found_by_their_charge()
    {
        await using var database = Context();
        var charge = Guid.Parse("019a0000-0000-7000-8000-000000000007");
        await using var command = ListRefunds.Rows(database, charge, new(After: null, 100, Skip: 0)).CreateDbCommand();

        await Plans.AssertReadsAsync(charges.Database, command, 10);
    }

    // Three ways into the index, four blocks each and a few of its leaves; then each row by its id, five blocks where no two of them are neighbours.
    private async Task AssertReadsAsync(string query, int skipped)
    {
        var filter = ListCharges.Filter.Read(new QueryCollection(QueryHelpers.ParseQuery(query)), out var errors);
        Assert.Empty(errors);
        await using var database = Context();
        await using var command = ListCharges.Rows(database, filter).CreateDbCommand();

        await Plans.AssertReadsAsync(charges.Database, command, (3 * 8) + (5 * (filter.Page.Limit + 1)) + (3 * skipped / 100));
    }

    private WebhooksDbContext Context() => new(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(charges.Database).Options);

    /// <summary>A database of its own: 1,000 customers and a busy one, 1 % failed, the last 100 still pending; a refund of each hundredth.</summary>
    public sealed class ManyCharges(Databases databases) : IAsyncLifetime
    {
        private static readonly string[] Fill =
        [
            """
            INSERT INTO charges (id, customer_id, amount, currency, status, payment_method, wallet_amount, external_amount, installment_order_id, settled_at)
            SELECT ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CASE WHEN n % 2 = 0 THEN 'busy' ELSE 'cust_' || n % 1000 END, 1.50, 'USD',
                CASE WHEN n > 49900 THEN 'pending' WHEN n % 100 < 2 THEN 'failed' ELSE 'succeeded' END, 'wallet', 1.50, 0,
                CASE WHEN n % 3 = 0 THEN lpad((n % 10000)::text, 32, '0')::uuid END, CASE WHEN n <= 49900 THEN now() END
            FROM generate_series(1, 50000) n
            """,
            """
            INSERT INTO refunds (id, charge_id, amount, wallet_amount, external_amount, status, settled_at)
            SELECT gen_random_uuid(), ('019a0000-0000-7000-8000-' || lpad(to_hex(n * 7 % 2000), 12, '0'))::uuid, 1, 1, 0, 'succeeded', now()
            FROM generate_series(1, 1999) n
            """,
        ];

        private NpgsqlDataSource? _database;

        public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("Not yet there.");

        public async ValueTask InitializeAsync() => _database = await databases.FillAsync("charge_plans", Fill, "charges", "refunds");

        public async ValueTask DisposeAsync()
        {
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
