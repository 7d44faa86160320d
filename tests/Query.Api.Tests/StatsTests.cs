using System.Text.Json;
using Npgsql;

namespace Query.Api.Tests;

/// <summary>On a database of its own: every count is of what these tests put there.</summary>
public sealed class StatsTests(Databases databases) : IAsyncLifetime
{
    private const string Key = "an-admin-key-for-these-tests";

    private NpgsqlDataSource _database = null!;
    private QueryService _query = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await databases.CreateAsync($"stats_{Guid.NewGuid():N}");
        _database = NpgsqlDataSource.Create(connectionString);
        _query = new QueryService(connectionString, ("Auth:AdminKeys:0", Key));
        _query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
    }

    public async ValueTask DisposeAsync()
    {
        await _query.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_was_created_in_the_window_is_counted_by_status_and_by_time_and_what_is_older_is_not()
    {
        await AddTransactionsAsync(10, "PROCESSED", "1 min");
        await AddTransactionsAsync(2, "FAILED", "31 min");
        await AddTransactionsAsync(1, "PROCESSING", "10 s");
        await AddTransactionsAsync(5, "PROCESSED", "2 h");

        var hour = await _query.GetJsonAsync("/admin/stats");

        var transactions = hour.GetProperty("transactions");
        Assert.Equal("""{"PROCESSING":1,"PROCESSED":10,"FAILED":2}""", transactions.GetProperty("by_status").GetRawText());
        Assert.Equal((13, 0.8333), (transactions.GetProperty("total").GetInt32(), transactions.GetProperty("success_share").GetDouble()));
        Assert.True(transactions.GetProperty("oldest_pending_seconds").GetDouble() >= 10);
        var series = hour.GetProperty("series").EnumerateArray().ToList();
        Assert.Equal((60, 13, 2), (hour.GetProperty("bucket_seconds").GetInt32(), Sum(series, "transactions"), Sum(series, "transactions_failed")));
        Assert.InRange(series.Count, 60, 62);
        Assert.All(series.Zip(series.Skip(1)), pair => Assert.Equal(TimeSpan.FromMinutes(1), At(pair.Second) - At(pair.First)));
        Assert.Equal(18, (await _query.GetJsonAsync("/admin/stats?window=24h")).GetProperty("transactions").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Payments_are_counted_their_money_is_summed_by_currency_and_what_is_behind_is_shown_by_table()
    {
        await ExecuteAsync(
            """
            INSERT INTO users (email, api_key_hash) VALUES ('payer@example.com', sha256('key'));
            INSERT INTO payments (user_id, type, status, amount, currency, next_publish_at, processed_at, due_at)
            SELECT u.id, p.type, p.status, p.amount, p.currency, now(), CASE WHEN p.status IN ('success', 'failed') THEN now() END, now() - interval '90 s'
            FROM users u, (VALUES ('deposit', 'success', 100.5, 'USD'), ('deposit', 'success', 1, 'USD'), ('withdrawal', 'success', 7, 'USD'),
                ('deposit', 'success', 1500, 'JPY'), ('deposit', 'failed', 9, 'USD'), ('deposit', 'pending', 9, 'USD')) AS p (type, status, amount, currency);
            INSERT INTO dead_letters (topic, partition, "offset", record_timestamp, reason, detail) VALUES ('payments', 0, 1, now(), 'undecodable', 'Why.');
            INSERT INTO worker_instances (instance_id, partitions, lag, waiting, oldest_due_seconds, topics)
            VALUES ('one', 12, 4, 3, 0, '{"transactions":{"lag":4,"waiting":3},"payments":{"lag":2,"waiting":1}}')
            """);

        var stats = await _query.GetJsonAsync("/admin/stats?window=7d");

        Assert.Equal("""{"pending":1,"processing":0,"success":4,"failed":1}""", stats.GetProperty("payments").GetProperty("by_status").GetRawText());
        Assert.Equal(
            """[{"currency":"JPY","deposited":"1500","withdrawn":"0"},{"currency":"USD","deposited":"101.50","withdrawn":"7.00"}]""",
            stats.GetProperty("moved").GetRawText());
        Assert.Equal("""{"payments":1}""", stats.GetProperty("dead_letters").GetRawText());
        Assert.Equal((1, 12), (stats.GetProperty("workers").GetInt32(), stats.GetProperty("partitions").GetInt32()));
        var work = stats.GetProperty("work").EnumerateArray().Single(table => table.GetProperty("table").GetString() == "payments");
        Assert.Equal((2, 1, 1), (work.GetProperty("lag").GetInt32(), work.GetProperty("waiting").GetInt32(), work.GetProperty("overdue").GetInt32()));
        Assert.True(work.GetProperty("oldest_due_seconds").GetDouble() >= 90);
    }

    [Fact]
    public async Task Charges_are_counted_when_they_are_made_and_installments_when_they_fall_due_by_the_clock_of_due_dates()
    {
        await ExecuteAsync(
            """
            INSERT INTO charges (id, customer_id, amount, currency, status, payment_method, wallet_amount, external_amount, created_at, settled_at)
            SELECT ('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'cust_1', 1, 'USD', status, 'wallet', 1, 0, now() - age,
                CASE WHEN status <> 'pending' THEN now() END
            FROM (VALUES (1, 'succeeded', interval '2 h'), (2, 'pending', '90 s'), (3, 'pending', '1 s'), (4, 'failed', '1 s'), (5, 'succeeded', '1 s'))
                AS c (n, status, age);
            INSERT INTO business_clock (id, ahead) VALUES (true, interval '40 days');
            INSERT INTO installment_orders (id, customer_id, amount, currency, installment_count, installment_amount, status, time_zone)
            VALUES ('019a0000-0000-7000-8000-000000000001', 'cust_1', 6, 'USD', 6, 1, 'active', 'UTC');
            INSERT INTO installments (id, order_id, number, amount, due_date, due_at, status, next_attempt_at)
            SELECT ('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '019a0000-0000-7000-8000-000000000001', n, 1, '2026-02-15', now() + due,
                status, now() + attempt
            FROM (VALUES (1, interval '1 s', 'paid', NULL::interval), (2, '40 days - 30 min', 'paid', NULL), (3, '40 days - 30 min', 'failed', NULL),
                (4, '40 days - 1 min', 'overdue', '43 days'), (5, '40 days - 1 min', 'pending', '40 days - 90 s'), (6, '70 days', 'pending', '70 days'))
                AS i (n, due, status, attempt)
            """);

        var stats = await _query.GetJsonAsync("/admin/stats");

        var (charges, installments) = (stats.GetProperty("charges"), stats.GetProperty("installments"));
        Assert.Equal("""{"pending":2,"succeeded":1,"failed":1}""", charges.GetProperty("by_status").GetRawText());
        Assert.Equal(
            """{"pending":1,"processing":0,"paid":1,"overdue":1,"failed":1,"cancelled":0}""", installments.GetProperty("by_status").GetRawText());
        Assert.Equal((0.5, 0.5), (charges.GetProperty("success_share").GetDouble(), installments.GetProperty("success_share").GetDouble()));
        Assert.InRange(charges.GetProperty("oldest_pending_seconds").GetDouble(), 90, 900);
        Assert.InRange(installments.GetProperty("oldest_pending_seconds").GetDouble(), 90, 900);
        var series = stats.GetProperty("series").EnumerateArray().ToList();
        Assert.Equal((4, 1), (Sum(series, "charges"), Sum(series, "charges_failed")));
        Assert.Equal((4, 1), (Sum(series, "installments"), Sum(series, "installments_failed")));
    }

    [Fact]
    public async Task Deliveries_of_webhooks_are_counted_when_they_are_made_and_what_is_due_is_late_and_what_waits_for_its_time_is_not()
    {
        await ExecuteAsync(
            """
            INSERT INTO webhook_endpoints (id, url, payload_style, secret)
            SELECT ('019a0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'https://r.example', 'envelope', 's' FROM generate_series(1, 2) n;
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, created_at, next_attempt_at, processed_at)
            SELECT rpad(lpad(to_hex(floor(extract(epoch FROM now() - age) * 1000)::bigint), 12, '0') || '7' || n, 32, '0')::uuid, gen_random_uuid(),
                ('019a0000-0000-7000-8000-' || lpad((1 + n % 2)::text, 12, '0'))::uuid, 'charge.failed', status, now() - age, now() + due,
                CASE WHEN due IS NULL THEN now() END
            FROM (VALUES (1, 'delivered', interval '2 h', NULL::interval), (2, 'delivered', '30 min', NULL), (3, 'delivered', '1 s', NULL),
                (4, 'delivered', '1 s', NULL), (5, 'failed', '1 min', NULL), (6, 'pending', '50 min', '20 min'), (7, 'pending', '10 min', '-90 s'),
                (8, 'pending', '1 s', '-30 s'), (9, 'pending', '1 s', '20 min'))
                AS d (n, status, age, due)
            """);

        var stats = await _query.GetJsonAsync("/admin/stats");

        var webhooks = stats.GetProperty("webhooks");
        Assert.Equal("""{"pending":4,"delivered":3,"failed":1}""", webhooks.GetProperty("by_status").GetRawText());
        Assert.Equal((8, 0.75), (webhooks.GetProperty("total").GetInt32(), webhooks.GetProperty("success_share").GetDouble()));
        Assert.InRange(webhooks.GetProperty("oldest_pending_seconds").GetDouble(), 90, 600);
        var series = stats.GetProperty("series").EnumerateArray().ToList();
        Assert.Equal((8, 1), (Sum(series, "webhooks"), Sum(series, "webhooks_failed")));
        Assert.Equal(9, (await _query.GetJsonAsync("/admin/stats?window=24h")).GetProperty("webhooks").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_window_that_is_not_one_of_them_is_refused_with_those_that_are()
    {
        var problem = await _query.GetProblemAsync("/admin/stats?window=2h", 422);
        Assert.Contains("1h, 24h, 7d, 30d", problem.GetProperty("errors").GetProperty("window")[0].GetString());
    }

    private static int Sum(List<JsonElement> series, string member) => series.Sum(bucket => bucket.GetProperty(member).GetInt32());

    private static DateTime At(JsonElement bucket) => bucket.GetProperty("at").GetDateTime();

    private Task AddTransactionsAsync(int count, string status, string age) => ExecuteAsync(
        $"""
        INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, status, created_at, processed_at, failure_reason,
            next_publish_at)
        SELECT 'txn_{Guid.NewGuid():N}_' || n, 'acc_a', 'acc_b', 1, 'USD', '{status}', now() - interval '{age}',
            CASE WHEN '{status}' <> 'PROCESSING' THEN now() END, CASE WHEN '{status}' = 'FAILED' THEN 'Why.' END, now() + interval '1 min'
        FROM generate_series(1, {count}) AS n
        """);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
