using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Query.Api.Lists;
using Query.Api.Payments;

namespace Query.Api.Tests.Payments;

/// <summary>
/// On 1,000,000 payments, half of them one user's, with PostgreSQL's own settings: no page reads more than its own rows and the way to them,
/// and no count more than it says.
/// </summary>
public sealed class PaymentPlanTests(PaymentPlanTests.ManyPayments payments) : IClassFixture<PaymentPlanTests.ManyPayments>
{
    private const int Busy = 1;
    private const int Quiet = 2;

    [Theory]
    [InlineData(Busy, null, "")]
    [InlineData(Busy, null, "status=failed")]
    [InlineData(Busy, null, "status=pending")]
    [InlineData(Busy, null, "limit=100")]
    [InlineData(Busy, "deposit", "")]
    [InlineData(Busy, "withdrawal", "status=success")]
    [InlineData(Busy, "deposit", "status=failed")]
    [InlineData(Quiet, null, "")]
    [InlineData(Quiet, "deposit", "status=success")]
    [InlineData(null, "deposit", "")]
    [InlineData(null, "withdrawal", "status=failed")]
    [InlineData(null, "deposit", "status=pending")]
    public async Task A_page_costs_the_same_wherever_it_begins(int? user, string? type, string query)
    {
        foreach (var cursor in (long[])[long.MaxValue, 750_000, 2_500])
        {
            var filter = Filter(user, type, $"{query}&cursor={new IdCursor(cursor)}");
            var (plan, blocks) = await RunAsync(ReadPayments.PageCommand(filter));

            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);

            // Eight ways into the index, four levels each and a block or two of it; then each row by its id, five blocks where no two of them are
            // neighbours (106 for 21 of a quiet user's, seen; whose page was 130 to 133 in all, and the bound once 132).
            Assert.InRange(blocks, 1, (8 * 6) + (5 * (filter.Limit + 1)));
        }
    }

    [Theory]
    [InlineData(Busy, null, "")]
    [InlineData(Busy, "deposit", "")]
    [InlineData(Busy, "deposit", "status=success")]
    [InlineData(Busy, null, "status=failed")]
    [InlineData(null, "deposit", "")]
    [InlineData(null, "deposit", "status=success")]
    public async Task A_count_ends_where_it_says(int? user, string? type, string query)
    {
        var (plan, blocks) = await RunAsync(ReadPayments.CountCommand(Filter(user, type, query)));

        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        Assert.InRange(blocks, 1, 300);
        var page = await ReadPayments.PageAsync(payments.Database, Filter(user, type, query), TestContext.Current.CancellationToken);
        Assert.True(page.Total <= PaymentFilter.MaxOffset);
    }

    private static PaymentFilter Filter(int? user, string? type, string query)
    {
        var filter = PaymentFilter.Read(new QueryCollection(QueryHelpers.ParseQuery(query)), user, type, out var errors);
        Assert.Empty(errors);
        return filter;
    }

    private Task<(string Plan, int Blocks)> RunAsync(NpgsqlBatchCommand statement) =>
        Plans.RunAsync(payments.Database, statement.CommandText, statement.Parameters);

    /// <summary>A database of its own: 1,000 users, 1 % failed, the last 100 still pending; vacuumed, as autovacuum leaves it.</summary>
    public sealed class ManyPayments(Databases databases) : IAsyncLifetime
    {
        private static readonly string[] Fill =
        [
            """
            INSERT INTO users (email, api_key_hash) SELECT i || '@example.com', sha256(i::text::bytea) FROM generate_series(1, 1000) i
            """,
            """
            INSERT INTO payments (user_id, type, status, amount, currency, next_publish_at, processed_at)
            SELECT CASE WHEN i % 2 = 0 THEN 1 ELSE 1 + i % 1000 END, CASE WHEN i % 3 = 0 THEN 'withdrawal' ELSE 'deposit' END,
                   CASE WHEN i > 999900 THEN 'pending' WHEN i % 100 < 2 THEN 'failed' ELSE 'success' END,
                   1.50, 'USD', now(), CASE WHEN i <= 999900 THEN now() END
            FROM generate_series(1, 1000000) i
            """,
        ];

        private NpgsqlDataSource? _database;

        public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("Not yet there.");

        public async ValueTask InitializeAsync() => _database = await databases.FillAsync("payment_plans", Fill, "payments");

        public async ValueTask DisposeAsync()
        {
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
