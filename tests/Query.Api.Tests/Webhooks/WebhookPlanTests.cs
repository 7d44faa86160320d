using System.Globalization;
using Contracts;
using Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Query.Api.Lists;
using Query.Api.Webhooks;

namespace Query.Api.Tests.Webhooks;

/// <summary>
/// On 50,000 deliveries, half of them to one endpoint, with PostgreSQL's own settings: no page reads more than its own rows and the way to them, whatever is
/// asked for and however rare it is. (With 1,000,000 the same was read but for a level of each index.)
/// </summary>
public sealed class WebhookPlanTests(WebhookPlanTests.ManyDeliveries deliveries) : IClassFixture<WebhookPlanTests.ManyDeliveries>
{
    private const int Endpoints = 20;

    private static readonly int Types = WebhookEvents.All.Count;

    [Theory]
    [InlineData("", 1, 0, 0)]
    [InlineData("limit=200", 1, 0, 0)]
    [InlineData("status=failed", 0, 0, 1)]
    [InlineData("status=delivered", 0, 0, 1)]
    [InlineData("status=pending", Endpoints, Endpoints, 0)]
    [InlineData("event_type=charge.succeeded", Endpoints, 0, 0)]
    [InlineData("event_type=operations.dead_letter", Endpoints, 0, 0)]
    [InlineData("event_type=operations.worker_lost", Endpoints, 0, 0)]
    [InlineData("event_type=operations.dead_letter&status=failed", 0, 0, 0)]
    [InlineData("event_type=operations.dead_letter&status=pending", Endpoints, 0, 0)]
    [InlineData("endpoint_id={0}", 0, 1, 2)]
    [InlineData("endpoint_id={0}&status=failed", 0, 0, 1)]
    [InlineData("endpoint_id={0}&status=pending", 0, 1, 0)]
    [InlineData("endpoint_id={0}&event_type=operations.dead_letter", 1, 0, 0)]
    [InlineData("endpoint_id={0}&event_type=operations.worker_lost&status=delivered", 1, 0, 0)]
    [InlineData("endpoint_id={7}", 0, 1, 2)]
    [InlineData("endpoint_id={99}", 0, 1, 2)]
    [InlineData("customer_id=busy", 0, 2, 4)]
    [InlineData("customer_id=busy&status=failed&event_type=charge.succeeded", 2, 0, 0)]
    [InlineData("customer_id=nobody", 1, 0, 0)]
    [InlineData("customer_id=busy&endpoint_id={7}", 1, 0, 0)]
    [InlineData("event_id={event}", 1, 0, 0)]
    [InlineData("event_id={event}&customer_id=busy&status=failed", 1, 0, 0)]
    public async Task A_page_costs_the_same_wherever_it_begins(string query, int probes, int ofPending, int ofOutcomes)
    {
        foreach (var at in (int[])[50_001, 40_000, 500])
        {
            await AssertReadsAsync($"{query}&cursor={new UuidCursor(Id(at))}", probes + (Types * (ofPending + ofOutcomes)));
            await AssertReadsAsync($"{query}&from={Time(at - 400)}&to={Time(at)}", probes + (Types * (ofPending + ofOutcomes)));
        }
    }

    [Theory]
    [InlineData(""), InlineData("status=delivered"), InlineData("endpoint_id={0}"), InlineData("customer_id=busy")]
    public async Task Skipped_rows_are_read_from_the_index_alone(string query) =>
        await AssertReadsAsync($"{query}&skip={BareList.MaxSkip}", 5 * Types, BareList.MaxSkip);

    [Theory]
    [InlineData(null, null), InlineData("charge.succeeded", null), InlineData("operations.worker_lost", null), InlineData(null, "nobody")]
    public async Task A_poller_reads_as_much_whether_much_or_nothing_matches(string? type, string? customer)
    {
        foreach (var first in (long[])[1, 30_000, 50_001])
        {
            await using var database = Context();
            var window = PollEvents.Window.From(first, 1, 50_000);
            await using var command = PollEvents.Rows(database, window, type, customer, 200).CreateDbCommand();

            await Plans.AssertReadsAsync(deliveries.Database, command, 400); // 10,000 rows of the table, 40 a block, and their index entries.
        }
    }

    [Theory, InlineData("busy"), InlineData("nobody"), InlineData(null)]
    public async Task Endpoints_are_found_by_their_customer(string? customer)
    {
        await using var database = Context();
        await using var command = ListEndpoints.Rows(database, customer, new(After: null, 100, Skip: 0)).CreateDbCommand();

        await Plans.AssertReadsAsync(deliveries.Database, command, 10);
    }

    // For each bucket, status and type a way to its first entry, and its entries, a hundred a block.
    [Theory, InlineData(0), InlineData(7), InlineData(99)]
    public async Task The_figures_of_an_endpoint_are_counted_from_its_own_index_entries(int endpoint)
    {
        var begin = DateTimeOffset.FromUnixTimeMilliseconds(0x019a_0000_0000).UtcDateTime;
        await using var command = GetEndpointStats.ToCommand(
            deliveries.Database, Endpoint(endpoint), [.. Enumerable.Range(0, 25).Select(n => begin.AddMilliseconds(n * 2_000))]);

        await Plans.AssertReadsAsync(deliveries.Database, command, (4 * Types * ((2 * 25) + 1)) + 600);
    }

    // Four blocks to the first entry of each line; for each row of the page its own, its event's and its endpoint's, each by its id; an index has a hundred
    // entries a block, of which each line reads as many as the page might need.
    private async Task AssertReadsAsync(string query, int lines, int skipped = 0)
    {
        var text = query.Replace("{event}", $"evt_{Id(500):N}", StringComparison.Ordinal);
        foreach (var n in (int[])[0, 7, 99]) text = text.Replace($"{{{n}}}", $"{Endpoint(n)}", StringComparison.Ordinal);
        var filter = ListDeliveries.Filter.Read(new QueryCollection(QueryHelpers.ParseQuery(text)), scope: null, out var errors);
        Assert.Empty(errors);
        await using var command = NewestDeliveries.Command(deliveries.Database, filter);
        var rows = await CountAsync(command);

        await Plans.AssertReadsAsync(deliveries.Database, command, 50 + (4 * lines) + (10 * rows) + (8 * skipped / 100));
    }

    private static async Task<int> CountAsync(NpgsqlCommand command)
    {
        var rows = 0;
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await row.ReadAsync(TestContext.Current.CancellationToken)) rows++;
        return rows;
    }

    private static Guid Id(int n) => Guid.Parse($"{0x019a_0000_0000 + n:x12}70008000000000000000");

    private static Guid Endpoint(int n) => Guid.Parse($"00000000-0000-7000-8000-{n:d12}");

    private static string Time(int n) => DateTimeOffset.FromUnixTimeMilliseconds(0x019a_0000_0000 + n).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private WebhooksDbContext Context() => new(new DbContextOptionsBuilder<WebhooksDbContext>().UseNpgsql(deliveries.Database).Options);

    /// <summary>
    /// A database of its own: 2,000 endpoints, of which 20 get anything, two of them of the customer <c>busy</c>; one gets every second delivery. 1 % failed,
    /// the last 100 and a few older ones are pending, and one in 10,000 is of a type that is rare. An event for each.
    /// </summary>
    public sealed class ManyDeliveries(Databases databases) : IAsyncLifetime
    {
        private const string IdOf = "(lpad(to_hex(x'019a00000000'::bigint + n), 12, '0') || '70008000000000000000')::uuid";
        private const string TypeOf =
            "CASE WHEN n % 10000 = 5 THEN 'operations.dead_letter' WHEN n % 3 = 0 THEN 'payment.succeeded' ELSE 'charge.succeeded' END";

        private static readonly string[] Fill =
        [
            $"""
            INSERT INTO webhook_endpoints (id, url, customer_id, payload_style, secret, deleted_at)
            SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'https://receiver.example/', CASE WHEN n < 2 THEN 'busy' ELSE 'c' || n END,
                'envelope', 's', CASE WHEN n = 1 THEN now() END
            FROM generate_series(0, 1999) n
            """,
            $"""
            INSERT INTO webhook_events (id, type, customer_id, resource_id, data, position)
            SELECT {IdOf}, {TypeOf}, CASE WHEN n % 2 = 0 THEN 'busy' ELSE 'c' || n % 20 END, n::text, '{Braces}', n FROM generate_series(1, 50000) n
            """,
            $"""
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, next_attempt_at, processed_at)
            SELECT id, id, endpoint_id, type, status, CASE WHEN status = 'pending' THEN now() END, CASE WHEN status <> 'pending' THEN now() END
            FROM (
                SELECT {IdOf} AS id, {TypeOf} AS type,
                    ('00000000-0000-7000-8000-' || lpad((CASE WHEN n % 2 = 0 THEN 0 ELSE n % 20 END)::text, 12, '0'))::uuid AS endpoint_id,
                    CASE WHEN n > 49900 OR n % 5000 IN (7, 8) THEN 'pending' WHEN n % 100 < 2 THEN 'failed' ELSE 'delivered' END AS status
                FROM generate_series(1, 50000) n) AS d
            """,
        ];

        private const string Braces = "{}";

        private NpgsqlDataSource? _database;

        public NpgsqlDataSource Database => _database ?? throw new InvalidOperationException("Not yet there.");

        public async ValueTask InitializeAsync() =>
            _database = await databases.FillAsync("webhook_plans", Fill, "webhook_deliveries", "webhook_events", "webhook_endpoints");

        public async ValueTask DisposeAsync()
        {
            if (_database is not null) await _database.DisposeAsync();
        }
    }
}
