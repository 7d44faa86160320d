using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Npgsql;
using Support;
using Support.Otlp;

[assembly: AssemblyFixture(typeof(AppHost.Tests.RunningSystem))]

namespace AppHost.Tests;

/// <summary>The whole system, as AppHost.cs describes it, with a short delay and its telemetry sent to the test. One for all tests.</summary>
public class RunningSystem : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private DistributedApplication? _app;

    /// <summary>How long transactions wait here.</summary>
    public virtual TimeSpan Delay => TimeSpan.FromSeconds(2);

    public DistributedApplication App => _app!;

    /// <summary>Where the seed writes the users' keys.</summary>
    public string CredentialsFile { get; } = Path.Combine(Path.GetTempPath(), $"credentials-{Guid.NewGuid():N}.txt");

    /// <summary>The front door: the only address a user knows.</summary>
    public HttpClient Client { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public OtlpReceiver Telemetry { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Telemetry = await OtlpReceiver.StartAsync(CancellationToken.None);
        foreach (var (name, value) in Telemetry.Settings) Environment.SetEnvironmentVariable(name, value);
        Environment.SetEnvironmentVariable("Accept__CommitTimeout", "00:00:30"); // Two systems and a burst of a thousand share two cores and a disk.
        Environment.SetEnvironmentVariable("Seed__CredentialsFile", CredentialsFile); // Not over those of who runs the tests.

        using var limit = new CancellationTokenSource(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Parameters:processing-delay={Delay:c}"], limit.Token);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("portal", limit.Token);
        Client = _app.CreateHttpClient("portal", "http");
        Database = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("webhooks", limit.Token))!);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Client?.Dispose();
        if (Database is not null) await Database.DisposeAsync();
        if (_app is not null) await _app.DisposeAsync();
        await Telemetry.DisposeAsync();
        File.Delete(CredentialsFile);
    }

    /// <summary>A webhook body, unlike any other unless the id is given.</summary>
    public static JsonObject Webhook(string? id = null, string amount = "150.50", string currency = "USD") => new()
    {
        ["transaction_id"] = id ?? $"txn_{Guid.NewGuid():N}",
        ["source_account"] = "acc_user_789",
        ["destination_account"] = "acc_merchant_456",
        ["amount"] = amount,
        ["currency"] = currency,
    };

    /// <summary>POSTs it at the front door.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(JsonObject webhook, CancellationToken cancellationToken, string? traceParent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/transactions") { Content = JsonContent.Create(webhook) };
        if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        using var response = await Client.SendAsync(request, cancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!);
    }

    /// <summary>GETs the transaction; null while it is not there.</summary>
    public async Task<JsonNode?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        using var response = await Client.GetAsync($"/v1/transactions/{id}", cancellationToken);
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonArray>(cancellationToken))![0] : null;
    }

    /// <summary>Reads until the transaction has its outcome.</summary>
    public Task<JsonNode?> WaitForOutcomeAsync(string id, CancellationToken cancellationToken, TimeSpan? deadline = null) =>
        Eventually.GetAsync(stop => ReadAsync(id, stop), t => t?["status"]?.GetValue<string>() is "PROCESSED" or "FAILED", cancellationToken, deadline);

    /// <summary>From created_at to processed_at, both by the database's clock.</summary>
    public static TimeSpan Took(JsonNode transaction) => Time(transaction["processed_at"]!) - Time(transaction["created_at"]!);

    private static DateTimeOffset Time(JsonNode node) => JsonSerializer.Deserialize<DateTimeOffset>(node.ToJsonString());
}
