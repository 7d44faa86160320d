using System.Diagnostics;
using Span = Support.Otlp.Span;
using SpanKind = Support.Otlp.SpanKind;

namespace AppHost.Tests;

/// <summary>A webhook that was sent with a traceparent, and processed.</summary>
public sealed class TracedWebhook(RunningSystem system) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = 4 * RunningSystem.Delay;

    /// <summary>Who sent it.</summary>
    public ActivityContext Sender { get; } = Traces.NewSender();

    /// <summary>Every span of its trace.</summary>
    public IReadOnlyList<Span> Spans { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        await system.SendAsync(RunningSystem.Webhook(), limit.Token, Traces.ParentOf(Sender));
        Spans = await system.WaitForTraceAsync(
            Sender,
            spans => spans.Any(s => s.Kind == SpanKind.Consumer) && spans.Any(s => s.Kind == SpanKind.Producer)
                && new[] { "portal", "ingest-api" }.All(service => spans.Any(s => s.Service == service && s.Kind == SpanKind.Server)),
            limit.Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One trace, from the sender's traceparent to the outcome.</summary>
public class TraceTests(RunningSystem system, TracedWebhook webhook) : IClassFixture<TracedWebhook>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void One_trace_runs_from_the_sender_through_accept_Kafka_and_processing()
    {
        var spans = webhook.Spans;
        var door = Assert.Single(spans, s => s.Service == "portal" && s.Kind == SpanKind.Server);
        var forward = Assert.Single(spans, s => s.Service == "portal" && s.Kind == SpanKind.Client);
        var accept = Assert.Single(spans, s => s.Service == "ingest-api" && s.Kind == SpanKind.Server);
        var send = Assert.Single(spans, s => s.Service == "ingest-api" && s.Kind == SpanKind.Producer);
        var process = Assert.Single(spans, s => s.Service == "processor-worker" && s.Kind == SpanKind.Consumer);
        Assert.Equal(webhook.Sender.SpanId.ToHexString(), door.ParentSpanId);
        Assert.Equal(door.SpanId, forward.ParentSpanId);
        Assert.Equal(forward.SpanId, accept.ParentSpanId);
        Assert.Equal(accept.SpanId, send.ParentSpanId);
        Assert.Equal(send.SpanId, process.ParentSpanId);
        Assert.Equal("POST /v1/webhooks/transactions", accept.Name);
        Assert.Equal("send transactions", send.Name);
        Assert.Equal("process transactions", process.Name);
    }

    [Fact(Timeout = 120_000)]
    public async Task Batches_are_linked_to_the_requests_and_records_they_did_and_have_their_statement_below_them()
    {
        var process = webhook.Spans.Single(s => s.Kind == SpanKind.Consumer);

        var all = await system.Telemetry.Spans.WaitAsync(
            span => span.Source == Traces.Database || span.Links.Count > 0,
            all => Of(all) is ({ } worked, { } committed) && HasStatement(all, worked) && HasStatement(all, committed), Stop);

        Assert.Contains(process.Links, link => link.SpanId == Of(all).Worked!.SpanId);

        (Span? Worked, Span? Committed) Of(IReadOnlyList<Span> all) => (
            all.SingleOrDefault(s => s.Name == "process transactions batch" && s.Links.Any(link => link.SpanId == process.SpanId)),
            all.FirstOrDefault(s => s.Name == "commit transactions" && s.Links.Any(link => link.TraceId == process.TraceId)));

        static bool HasStatement(IReadOnlyList<Span> all, Span batch) =>
            all.Any(s => s.Source == Traces.Database && s.ParentSpanId == batch.SpanId && s.Service == batch.Service);
    }

    [Fact(Timeout = 120_000)]
    public async Task The_trace_is_whole_also_when_the_record_went_by_the_relay()
    {
        var request = Traces.NewSender();

        // As Ingest.Api leaves it when it dies between the commit and Kafka, found by the relay when its time is over.
        await using var insert = system.Database.CreateCommand(
            $"""
            INSERT INTO transactions (transaction_id, source_account, destination_account, amount, currency, traceparent, created_at, next_publish_at)
            VALUES ('relayed_{request.TraceId}', 'a', 'b', 1, 'USD', '{Traces.ParentOf(request)}', now() - interval '1 min', now())
            """);
        await insert.ExecuteNonQueryAsync(Stop);

        var spans = await system.WaitForTraceAsync(
            request, spans => spans.Any(s => s.Kind == SpanKind.Producer) && spans.Any(s => s.Kind == SpanKind.Consumer), Stop);

        var send = Assert.Single(spans, s => s.Kind == SpanKind.Producer);
        var process = Assert.Single(spans, s => s.Kind == SpanKind.Consumer);
        Assert.Equal("processor-worker", send.Service);
        Assert.Equal(request.SpanId.ToHexString(), send.ParentSpanId);
        Assert.Equal(send.SpanId, process.ParentSpanId);
    }

    [Fact(Timeout = 240_000)]
    public async Task A_read_has_its_statement_and_its_rate_limit_in_Redis_in_its_trace()
    {
        var (sender, spans) = await ReadAsync();

        var door = Assert.Single(spans, s => s.Service == "portal" && s.Kind == SpanKind.Server);
        var forward = Assert.Single(spans, s => s.Service == "portal" && s.Kind == SpanKind.Client);
        var read = Assert.Single(spans, s => s.Service == "query-api" && s.Kind == SpanKind.Server);
        Assert.Equal(sender.SpanId.ToHexString(), door.ParentSpanId);
        Assert.Equal(door.SpanId, forward.ParentSpanId);
        Assert.Equal(forward.SpanId, read.ParentSpanId);
        var servers = spans.Where(s => s.Source is Traces.Database or Traces.Redis).ToList();
        Assert.All(servers, s => Assert.Equal(("query-api", SpanKind.Client), (s.Service, s.Kind)));
        Assert.Contains(servers, s => s.Source == Traces.Database && s.ParentSpanId == read.SpanId);
        Assert.Contains(servers, s => s.Source == Traces.Redis && s.ParentSpanId == read.SpanId);
    }

    // A limiter whose Redis does not answer in time counts by itself, as on a machine that is busy with a browser: another read is made then.
    private async Task<(ActivityContext Sender, IReadOnlyList<Span> Spans)> ReadAsync()
    {
        while (true)
        {
            var sender = Traces.NewSender();
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/users/1/balance");
            request.Headers.Add("traceparent", Traces.ParentOf(sender));
            request.Headers.Add("X-API-Key", system.KeyOf("alice@example.com"));
            using var response = await system.Client.SendAsync(request, Stop);
            Assert.True(response.IsSuccessStatusCode, $"{response}");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(TimeSpan.FromSeconds(40));
            try
            {
                return (sender, await system.WaitForTraceAsync(
                    sender,
                    spans => new[] { Traces.Database, Traces.Redis }.All(source => spans.Any(s => s.Source == source))
                        && spans.Count(s => s.Kind == SpanKind.Server) == 2,
                    patience.Token));
            }
            catch (TimeoutException) when (!Stop.IsCancellationRequested)
            {
                // Not in this trace.
            }
        }
    }
}

/// <summary>What a system's stages tell of themselves in figures.</summary>
public class MetricTests(RunningSystem system)
{
    [Fact(Timeout = 120_000)]
    public async Task Every_stage_is_measured()
    {
        await system.SendAsync(RunningSystem.Webhook(), TestContext.Current.CancellationToken);

        await system.Telemetry.Metrics.WaitAsync(
            points => new[]
            {
                "aspirewebhooks.transactions.answered", "aspirewebhooks.commit.batch_size", "aspirewebhooks.commit.duration",
                "aspirewebhooks.commit.waiting", "aspirewebhooks.transactions.processed", "aspirewebhooks.processing.lateness",
                "aspirewebhooks.processing.waiting", "aspirewebhooks.processing.lag", "aspirewebhooks.dead_letters",
                "aspirewebhooks.processing.oldest_due", "http.server.request.duration",
            }.All(name => points.Any(point => point.Name == name)),
            TestContext.Current.CancellationToken);
    }
}

/// <summary>Traces as a sender begins them and as they arrive.</summary>
internal static class Traces
{
    /// <summary>The source of PostgreSQL's spans.</summary>
    public const string Database = "Npgsql";

    /// <summary>The source of Redis' spans.</summary>
    public const string Redis = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    public static ActivityContext NewSender() => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    public static string ParentOf(ActivityContext context) => $"00-{context.TraceId}-{context.SpanId}-01";

    /// <summary>Waits until the sender's trace has enough spans, and gives all that it then has.</summary>
    public static Task<IReadOnlyList<Span>> WaitForTraceAsync(
        this RunningSystem system, ActivityContext sender, Func<IReadOnlyList<Span>, bool> enough, CancellationToken stop) =>
        system.Telemetry.WaitForTraceAsync(sender.TraceId.ToHexString(), enough, stop);
}
