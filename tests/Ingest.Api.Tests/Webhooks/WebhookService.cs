using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ingest.Api.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDefaults.Outbound;

namespace Ingest.Api.Tests.Webhooks;

/// <summary>One service for all tests of webhooks, each with endpoints and customers of its own. Every line that it logs is kept.</summary>
[CollectionDefinition(nameof(WebhookService))]
public sealed class WebhookService(Servers servers) : IAsyncLifetime, ICollectionFixture<WebhookService>
{
    public const string AdminKey = "an-admin-key-for-these-tests";
    public const string SigningKey = "a-signing-key-for-these-tests-0123456789";

    private readonly LogLines _logs = new();
    private int _customers;

    internal IngestService Ingest { get; private set; } = null!;

    internal Database Database => Ingest.Database;

    internal IReadOnlyCollection<string> Logs => _logs.Lines;

    internal static (string, string) Admin => ("X-API-Key", AdminKey);

    public async ValueTask InitializeAsync()
    {
        var database = new Database(await servers.CreateDatabaseAsync());
        Ingest = IngestService.Start(
            database, database.ConnectionString, servers.Broker,
            services => services.AddLogging(logging => logging.ClearProviders().AddProvider(_logs))
                .AddSingleton(provider => new EndpointUrl(provider.GetRequiredService<IOptions<OutboundOptions>>(), Resolve, TimeProvider.System)),
            ("Auth:AdminKeys:0", AdminKey), ("Auth:Jwt:SigningKeys:0", SigningKey), ("RateLimits:Enabled", "false"),
            ("Idempotency:Patience", "00:00:30"), ("Idempotency:PlaceTimeout", "00:01:00"),
            ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Debug"), ("Logging:LogLevel:Npgsql", "Trace"));
    }

    public async ValueTask DisposeAsync()
    {
        await Ingest.DisposeAsync();
        _logs.Dispose();
    }

    internal string NewCustomer() => $"cust_{Interlocked.Increment(ref _customers)}";

    internal async Task<Answer> SendAsync(string method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var content = body is null
            ? null
            : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await Ingest.SendAsync(new HttpMethod(method), path, content, headers);
    }

    internal Task<Answer> PostAsync(string path, string? body = null, params (string Name, string Value)[] headers) => SendAsync("POST", path, body, headers);

    /// <summary>An endpoint that was made; its members are the inside of an object.</summary>
    internal async Task<JsonElement> EndpointAsync(string members = "", params (string Name, string Value)[] headers)
    {
        var url = $"https://shop.example/{Guid.NewGuid():N}";
        var answer = await PostAsync("/webhooks/endpoints", $$"""{"url":"{{url}}"{{(members == "" ? "" : ",")}}{{members}}}""", headers);
        Assert.True(answer.Status == 201, answer.Body);
        return answer.Json;
    }

    /// <summary>The header that a portal link of this customer gives.</summary>
    internal async Task<(string Name, string Value)> LinkAsync(string customer)
    {
        var answer = await PostAsync("/webhooks/portal-links", $$"""{"customer_id":"{{customer}}"}""", Admin);
        return ("Authorization", $"Bearer {answer.Json.Text("url").Split("?token=")[1]}");
    }

    /// <summary>An event that was fanned out; returns its id.</summary>
    internal async Task<Guid> EventAsync(string type = "charge.succeeded", string? customer = null, DateTime? at = null, string? more = null)
    {
        var id = Guid.CreateVersion7(at ?? TimeProvider.System.GetUtcNow().UtcDateTime);
        await Database.ExecuteAsync(
            $$"""
            INSERT INTO webhook_events (id, type, customer_id, resource_id, data, position, created_at)
            VALUES ('{{id}}', '{{type}}', {{(customer is null ? "NULL" : $"'{customer}'")}}, 'r', '{}', nextval('webhook_event_positions'),
                '{{at ?? TimeProvider.System.GetUtcNow().UtcDateTime:O}}');
            {{more?.Replace("$id", $"{id}", StringComparison.Ordinal)}}
            """);
        return id;
    }

    /// <summary>A delivery of an event; returns its id.</summary>
    internal async Task<Guid> DeliveryAsync(Guid @event, string endpoint, string status = "failed", string type = "charge.succeeded", string due = "1 hour")
    {
        var id = Guid.CreateVersion7();
        var isPending = status == "pending";
        await Database.ExecuteAsync(
            $"""
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, attempts, tries, next_attempt_at, processed_at, error_message, claim)
            VALUES ('{id}', '{@event}', '{endpoint}', '{type}', '{status}', 10, 10, {(isPending ? $"now() + interval '{due}'" : "NULL")},
                {(isPending ? "NULL" : "now()")}, 'The receiver answered 500.', 7)
            """);
        return id;
    }

    /// <summary>How a delivery stands: <c>pending due tries=0 attempts=10 claim=8</c>.</summary>
    internal Task<string> StateAsync(Guid delivery) => Database.ReadAsync<string>(
        $"""
        SELECT status || CASE WHEN next_attempt_at <= now() THEN ' due' WHEN next_attempt_at > now() THEN ' waits' ELSE '' END
            || format(' tries=%s attempts=%s claim=%s', tries, attempts, claim)
        FROM webhook_deliveries WHERE id = '{delivery}'
        """);

    /// <summary>The deliveries of an endpoint, by status: <c>failed=1 pending=2</c>.</summary>
    internal Task<string> CountsAsync(string endpoint) => Database.ReadAsync<string>(
        $"""
        SELECT coalesce(string_agg(status || '=' || n, ' ' ORDER BY status), '')
        FROM (SELECT status, count(*) AS n FROM webhook_deliveries WHERE endpoint_id = '{endpoint}' GROUP BY status) AS s
        """);

    /// <summary>No test waits for DNS.</summary>
    private static Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken) =>
        Task.FromResult<IPAddress[]>([IPAddress.Parse(host == "inside.example" ? "10.1.2.3" : "93.184.215.14")]);

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

internal static class WebhookJson
{
    public static string Text(this JsonElement element, string name) => element.GetProperty(name).ToString();

    public static string Id(this JsonElement element) => element.GetProperty("id").GetString()!;

    /// <summary>The first message about a field.</summary>
    public static string Error(this JsonElement problem, string field) => problem.GetProperty("errors").GetProperty(field)[0].GetString()!;
}
