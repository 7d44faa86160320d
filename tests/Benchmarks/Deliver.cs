using System.Globalization;
using System.Net.Http.Json;
using Benchmarks.Load;
using Benchmarks.Printing;
using Benchmarks.Running;

namespace Benchmarks;

/// <summary>
/// <c>deliver</c>: events published as the worker publishes outcomes, a statement for many, and delivered by webhook to the empty endpoint on this machine;
/// against the same endpoint under wrk. Rate: 40,000 events at once, until all are delivered. Delay: 500 events a second, from the event's commit to the
/// receiver's answer. Both again beside 1,000,000 deliveries that wait for hours.
/// </summary>
internal static class Deliver
{
    private const string Receiver = "/limit/accept", Type = "operations.dead_letter";
    private const int Events = 40_000, AStatement = 1_000, ASecond = 500, EachMs = 10, Seconds = 20, Connections = 32;
    private const int Waiting = 1_000_000, WaitingEndpoints = 20;

    public static async IAsyncEnumerable<Row> MeasureAsync(Settings settings)
    {
        await using var system = await RunningSystem.StartAsync(TimeSpan.FromSeconds(30), settings);
        await AddEndpointAsync(system);
        var receiver = system.Url(RunningSystem.Ingest, Receiver);
        await PublishAsync(system, Events, settings); // Warms up.

        foreach (var beside in (string[])["", $", beside {Waiting:#,0} that wait"])
        {
            if (beside != "") await AddWaitingAsync(system);
            system.Processes.Begin();
            var rate = await PublishAsync(system, Events, settings);
            var processes = system.Processes.Read();
            var limit = await Wrk.PostAsync(receiver, 1, Connections, settings.Round);
            var ratio = rate / limit.Rate;
            yield return new Row("deliver", $"events delivered{beside}", rate, "/s", limit.Rate, ratio, Must: ">= 0.20", IsMet: ratio >= 0.2)
            {
                Processes = processes,
            };
            var (p50, p99) = await DelayAsync(system, settings);
            yield return new Row("deliver", $"delay at {ASecond}/s{beside}", p50, "ms", P50Ms: p50, P99Ms: p99, Must: "p50 <= 10 ms", IsMet: p50 <= 10);
        }

        var twice = await system.AskAsync<long>("SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered' AND attempts <> 1");
        yield return new Row("deliver", "delivered with more than one attempt", twice, "", Must: "0", IsMet: twice == 0);
    }

    private static async Task AddEndpointAsync(RunningSystem system)
    {
        using var http = new HttpClient { BaseAddress = system.Url(RunningSystem.Ingest, "/") };
        http.DefaultRequestHeaders.Add("X-API-Key", "development-admin-key-change-me"); // AppHost/appsettings.json's; notices are for operators.
        var url = system.Url(RunningSystem.Ingest, Receiver);
        using var answer = await http.PostAsJsonAsync("/webhooks/endpoints", new { url, event_types = (string[])[Type] });
        if (!answer.IsSuccessStatusCode) throw new BenchmarkException($"The endpoint was refused: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Publishes so many, and waits until all are delivered: events a second.</summary>
    private static async Task<double> PublishAsync(RunningSystem system, int events, Settings settings)
    {
        var before = await system.AskAsync<long>("SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered'");
        var began = settings.Clock.GetTimestamp();
        for (var n = 0; n < events; n += AStatement) await system.ExecuteAsync(Publish(AStatement));
        while (await system.AskAsync<long>("SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered'") < before + events)
        {
            if (settings.Clock.GetElapsedTime(began) > TimeSpan.FromMinutes(5)) throw new BenchmarkException("Not all were delivered within five minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), settings.Clock);
        }

        return events / settings.Clock.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<(double P50, double P99)> DelayAsync(RunningSystem system, Settings settings)
    {
        var first = await system.AskAsync<long>("SELECT max(position) FROM webhook_events");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(EachMs), settings.Clock);
        for (var n = 0; n < Seconds * 1_000 / EachMs && await timer.WaitForNextTickAsync(); n++)
            await system.ExecuteAsync(Publish(ASecond * EachMs / 1_000));
        await system.UntilAsync(() => system.AskAsync<bool>(
            "SELECT NOT EXISTS (SELECT FROM webhook_events WHERE position IS NULL) "
            + "AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE status = 'pending' AND next_attempt_at < now() + interval '1 h')"));
        return (await PercentileAsync(0.5), await PercentileAsync(0.99));

        // The attempt's row has when it was sent, by the time at which it was recorded less how long it took: its end is the moment of recording, which is a
        // little later than the answer.
        Task<double> PercentileAsync(double fraction) => system.AskAsync<double>(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SELECT 1000 * percentile_disc({fraction}) WITHIN GROUP (ORDER BY extract(epoch FROM d.processed_at - e.created_at)::float8)
            FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id WHERE e.position > {first}
            """));
    }

    private static Task AddWaitingAsync(RunningSystem system) => system.ExecuteAsync(
        $"""
        INSERT INTO webhook_endpoints (id, url, event_types, payload_style, secret)
        SELECT gen_random_uuid(), 'http://127.0.0.1:9/' || n, ARRAY['order.completed'], 'envelope', 'none' FROM generate_series(1, {WaitingEndpoints}) n;
        INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, next_attempt_at)
        SELECT uuid_v7(), gen_random_uuid(), e.id, 'order.completed', now() + interval '10 h' + n * interval '10 ms'
        FROM (SELECT id FROM webhook_endpoints WHERE url LIKE 'http://127.0.0.1:9/%') e, generate_series(1, {Waiting / WaitingEndpoints}) n;
        ANALYZE webhook_deliveries
        """);

    private static string Publish(int count) =>
        $$"""
        INSERT INTO webhook_events (id, type, resource_id, snapshot)
        SELECT uuid_v7(), '{{Type}}', n::text, json_build_object('cause', 'benchmark', 'detail', repeat('x', 200), 'count', n)
        FROM generate_series(1, {{count}}) AS n
        """;
}
