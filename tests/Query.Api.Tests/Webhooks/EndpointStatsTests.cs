using System.Text.Json;
using Contracts;
using Data.Webhooks;

namespace Query.Api.Tests.Webhooks;

public sealed class EndpointStatsTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Hooks _hooks = new(databases.ConnectionString);

    [Fact]
    public async Task Deliveries_of_the_window_are_counted_by_status_and_by_the_hour_in_which_they_were_made()
    {
        var (endpoint, other) = (await _hooks.AddEndpointAsync(Customers.NewId()), await _hooks.AddEndpointAsync(Customers.NewId()));
        var now = TimeProvider.System.GetUtcNow();
        await AddAsync(endpoint, now, DeliveryStatus.Delivered, DeliveryStatus.Failed, DeliveryStatus.Pending);
        await AddAsync(endpoint, now.AddHours(-3), DeliveryStatus.Delivered, DeliveryStatus.Delivered);
        await AddAsync(endpoint, now.AddHours(-30), DeliveryStatus.Failed, DeliveryStatus.Pending);
        await AddAsync(endpoint, now.AddDays(-8), DeliveryStatus.Failed);
        await AddAsync(other, now, DeliveryStatus.Delivered);

        var day = await _query.GetJsonAsync($"/webhooks/endpoints/{endpoint}/stats");
        var week = await _query.GetJsonAsync($"/webhooks/endpoints/{endpoint}/stats?window=7d");

        Assert.Equal((endpoint, "24h", 3600), (day.GetProperty("endpoint_id").GetGuid(), day.GetProperty("window").GetString(), Number(day, "bucket_seconds")));
        Assert.Equal((3, 1, 1), (Number(day, "delivered"), Number(day, "failed"), Number(day, "pending")));
        Assert.Equal((3, 2, 2), (Number(week, "delivered"), Number(week, "failed"), Number(week, "pending")));
        AssertSeries(day, TimeSpan.FromHours(1), 25);
        AssertSeries(week, TimeSpan.FromHours(6), 29);
        var busy = day.GetProperty("series").EnumerateArray().Where(bucket => Number(bucket, "delivered") > 0).Select(At).ToList();
        Assert.Equal(TimeSpan.FromHours(3), busy[^1] - busy[0]);
    }

    [Fact]
    public async Task An_endpoint_without_deliveries_has_every_bucket_with_zeros()
    {
        var endpoint = await _hooks.AddEndpointAsync(Customers.NewId());

        var stats = await _query.GetJsonAsync($"/webhooks/endpoints/{endpoint}/stats");

        AssertSeries(stats, TimeSpan.FromHours(1), 25);
        Assert.All(stats.GetProperty("series").EnumerateArray(), bucket => Assert.Equal((0, 0), (Number(bucket, "delivered"), Number(bucket, "failed"))));
    }

    [Fact]
    public async Task An_endpoint_that_is_deleted_or_not_there_is_404_and_another_window_is_422()
    {
        var deleted = await _hooks.AddEndpointAsync(Customers.NewId(), more: "deleted_at = now()");
        foreach (var id in (string[])[$"{deleted}", $"{Guid.NewGuid()}", "1"]) await _query.GetProblemAsync($"/webhooks/endpoints/{id}/stats", 404);

        var endpoint = await _hooks.AddEndpointAsync(Customers.NewId());
        await _query.GetProblemAsync($"/webhooks/endpoints/{endpoint}/stats?window=1h", 422);
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static DateTime At(JsonElement bucket) => bucket.GetProperty("at").GetDateTime();

    // One more than the window has where it does not begin with a bucket.
    private static void AssertSeries(JsonElement stats, TimeSpan bucket, int most)
    {
        var series = stats.GetProperty("series").EnumerateArray().ToList();
        Assert.InRange(series.Count, most - 1, most);
        Assert.All(series.Zip(series.Skip(1)), pair => Assert.Equal(bucket, At(pair.Second) - At(pair.First)));
        foreach (var name in (string[])["delivered", "failed"]) Assert.Equal(Number(stats, name), series.Sum(at => Number(at, name)));
    }

    private async Task AddAsync(Guid endpoint, DateTimeOffset at, params string[] statuses)
    {
        foreach (var (status, n) in statuses.Select((status, n) => (status, n)))
        {
            await _hooks.ExecuteAsync(
                """
                INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, next_attempt_at, processed_at)
                VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 = 'pending' THEN now() END, CASE WHEN $5 <> 'pending' THEN now() END)
                """,
                Guid.CreateVersion7(at), await _hooks.AddEventAsync(customer: null), endpoint, WebhookEvents.All[n % WebhookEvents.All.Count], status);
        }
    }
}
