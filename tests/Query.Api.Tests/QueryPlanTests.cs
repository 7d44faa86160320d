using System.Text;
using Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Query.Api.Lists;
using Query.Api.Transactions;

namespace Query.Api.Tests;

/// <summary>On 50,000 rows, with PostgreSQL's own settings: every page is a few index entries, whatever is asked for.</summary>
public sealed class QueryPlanTests(QueryPlanTests.FiftyThousandRows rows) : IClassFixture<QueryPlanTests.FiftyThousandRows>
{
    [Theory]
    [InlineData("", "transactions_created_at")]
    [InlineData("created_from=2024-01-01T00:00:00Z", "transactions_created_at")]
    [InlineData("created_from=2024-01-01T01:00:00Z&created_to=2024-01-01T02:00:00Z", "transactions_created_at")]
    [InlineData("limit=200", "transactions_created_at")]
    [InlineData("status=PROCESSED", "transactions_created_at")]
    [InlineData("status=FAILED", "transactions_failure_reason")]
    [InlineData("status=PROCESSING", "transactions_created_at")]
    [InlineData("status=PROCESSING&created_from=2024-01-01T01:00:00Z&created_to=2024-01-01T02:00:00Z", "transactions_created_at")]
    [InlineData("account=acc_busy&status=PROCESSING", "transactions_destination_account")]
    [InlineData("account=acc_7", "transactions_source_account,transactions_destination_account")]
    [InlineData("account=acc_busy&limit=200", "transactions_destination_account")]
    [InlineData("account=acc_busy&status=PROCESSED", "transactions_destination_account")]
    [InlineData("account=acc_unknown", "transactions_source_account,transactions_destination_account")]
    public async Task No_page_reads_the_whole_table(string query, string indexes)
    {
        foreach (var cursor in (string[])["", rows.CursorInTheMiddle])
        {
            var plan = await PlanOf($"{query}&cursor={cursor}");

            Assert.DoesNotContain("Seq Scan on transactions", plan, StringComparison.Ordinal);
            Assert.All(indexes.Split(','), index => Assert.Contains(index, plan, StringComparison.Ordinal));
        }
    }

    private async Task<string> PlanOf(string query)
    {
        var filter = ListTransactions.Filter.Read(new QueryCollection(QueryHelpers.ParseQuery(query)), out var errors);
        Assert.Empty(errors);
        await using var database = new WebhooksDbContext(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(rows.Database).Options);
        await using var command = ListTransactions.Rows(database, filter).CreateDbCommand();
        await database.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        command.CommandText = $"EXPLAIN {command.CommandText}";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var plan = new StringBuilder();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) plan.AppendLine(reader.GetString(0));
        return plan.ToString();
    }

    /// <summary>A database of its own: 1,000 accounts and one that is in every third row, 1 % failed, the last 100 still processing.</summary>
    public sealed class FiftyThousandRows(Databases databases) : IAsyncLifetime
    {
        private const string Fill =
            """
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, status,
                created_at, processed_at, failure_reason, next_publish_at)
            SELECT 'txn_' || i,
                   CASE WHEN i % 3 = 0 THEN 'acc_busy' ELSE 'acc_' || i % 1000 END, 'acc_' || i * 7 % 1000, 1.50, 'USD',
                   CASE WHEN i > 49900 THEN 'PROCESSING' WHEN i % 100 = 0 THEN 'FAILED' ELSE 'PROCESSED' END,
                   timestamptz '2024-01-01Z' + i * interval '1 s',
                   CASE WHEN i <= 49900 THEN timestamptz '2024-01-01Z' + (i + 30) * interval '1 s' END,
                   CASE WHEN i <= 49900 AND i % 100 = 0 THEN 'Why.' END, now()
            FROM generate_series(1, 50000) i
            """;

        private NpgsqlDataSource? _database;

        public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("Not yet there.");

        public string CursorInTheMiddle { get; } = new TimeCursor(new DateTime(2024, 1, 1, 7, 0, 0, DateTimeKind.Utc), "txn_25200").ToString();

        public async ValueTask InitializeAsync()
        {
            _database = NpgsqlDataSource.Create(await databases.CreateAsync("plans"));
            foreach (var sql in (string[])[Fill, "ANALYZE transactions, transaction_outbox"])
            {
                await using var command = _database.CreateCommand(sql);
                command.CommandTimeout = 120;
                await command.ExecuteNonQueryAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
