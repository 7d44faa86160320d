using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LocalHosting.Servers;
using Npgsql;
using Support;
using Support.Otlp;

[assembly: AssemblyFixture(typeof(AppHost.Tests.RunningSystem))]
[assembly: Trait("Kafka", "yes")]

namespace AppHost.Tests;

/// <summary>
/// The whole system, as AppHost.cs describes it, with its real delay. Its telemetry goes to the test, its data into a folder that goes with it. One for all
/// tests, which run side by side (xunit.runner.json): most of them wait for those 30 s.
/// </summary>
public sealed class RunningSystem : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private static readonly string[] Services = ["portal", "ingest-api", "query-api", "processor-worker", "sandbox"];

    private readonly FreePorts _ports = new();
    private readonly string _folder = ScratchFolder.Create();
    private IDisposable? _machine;
    private DistributedApplication? _app;

    /// <summary>How long transactions wait: AppHost/appsettings.json's.</summary>
    public static TimeSpan Delay => TimeSpan.FromSeconds(30);

    public DistributedApplication App => _app!;

    /// <summary>Where the seed writes the users' keys.</summary>
    public string CredentialsFile => Path.Combine(_folder, "credentials.txt");

    /// <summary>The front door: the only address a user knows.</summary>
    public HttpClient Client { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public OtlpReceiver Telemetry { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _machine = await WholeMachine.TakeAsync(TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(StartLimit);
        Telemetry = await OtlpReceiver.StartAsync(limit.Token);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--Port=0", $"--DataFolder={_folder}", .. _ports.Range()], limit.Token);
        Change(builder);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await Task.WhenAll(Services.Select(service =>
            _app.ResourceNotifications.WaitForResourceHealthyAsync(service, WaitBehavior.StopOnResourceUnavailable, limit.Token)));
        using (var portal = _app.CreateHttpClient("portal", "http")) Client = Senders.Client(portal.BaseAddress!);
        await WarmUpAsync(limit.Token);
        Database = NpgsqlDataSource.Create((await _app.GetConnectionStringAsync("webhooks", limit.Token))!);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Database is not null) await Database.DisposeAsync();
        if (_app is not null) await _app.DisposeAsync();
        if (Telemetry is not null) await Telemetry.DisposeAsync();
        _ports.Dispose();
        Directory.Delete(_folder, recursive: true);
        _machine?.Dispose();
    }

    /// <summary>The key of a user that the seed made.</summary>
    public string KeyOf(string email) => File.ReadLines(CredentialsFile).Single(line => line.StartsWith($"{email} ", StringComparison.Ordinal)).Split(' ')[1];

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
    public Task<JsonNode?> WaitForOutcomeAsync(string id, CancellationToken cancellationToken) =>
        Eventually.GetAsync(
            stop => ReadAsync(id, stop), t => t?["status"]?.GetValue<string>() is "PROCESSED" or "FAILED", cancellationToken, deadline: 3 * Delay);

    /// <summary>From created_at to processed_at, both by the database's clock.</summary>
    public static TimeSpan Took(JsonNode transaction) => Time(transaction["processed_at"]!) - Time(transaction["created_at"]!);

    /// <summary>
    /// A write, its read, the worker's health and the sandbox's clock, before all tests begin at once: of a thousand requests to services that had compiled
    /// nothing yet, beside another test project, 908 found no connection within the front door's 5 s.
    /// </summary>
    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var webhook = Webhook();
        await SendAsync(webhook, cancellationToken);
        await ReadAsync(webhook["transaction_id"]!.GetValue<string>(), cancellationToken);
        await Client.GetStringAsync("/health/worker", cancellationToken);
        await Client.GetStringAsync("/sandbox/clock", cancellationToken);
    }

    private void Change(IDistributedApplicationTestingBuilder builder)
    {
        foreach (var service in builder.Resources.OfType<ProjectResource>().Select(builder.CreateResourceBuilder))
        {
            foreach (var (name, value) in Telemetry.Settings) service.WithEnvironment(name, value);
            service.WithEnvironment("Accept__CommitTimeout", "00:00:30"); // A burst of a thousand shares two cores and a disk with other tests.
            service.WithEnvironment("Seed__CredentialsFile", CredentialsFile); // Not over those of who runs the tests.
            service.WithEnvironment("Bank__SuccessRate", "1"); // Else the sandbox refuses a deposit in ten, at times before the test's own callback comes.
        }

        // Its data go with it, so nobody waits for the disk. With a container engine there is no such process.
        var processes = builder.Resources.OfType<ExecutableResource>().Where(process => process.Name == "postgres-process");
        foreach (var postgres in processes.Select(builder.CreateResourceBuilder))
            postgres.WithArgs("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off");
    }

    private static DateTimeOffset Time(JsonNode node) => JsonSerializer.Deserialize<DateTimeOffset>(node.ToJsonString());
}
