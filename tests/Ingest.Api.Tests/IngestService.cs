using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Support;

namespace Ingest.Api.Tests;

/// <summary>Ingest.Api itself, on its own Kestrel and with a database of its own, and the clients that a test calls it by.</summary>
internal sealed class IngestService : IAsyncDisposable
{
    public const string Webhooks = "/v1/webhooks/transactions";

    private readonly WebApplicationFactory<Program> _factory;

    private IngestService(
        Database database, string connectionString, string broker, Action<IServiceCollection>? configure, (string Name, string Value)[] settings)
    {
        Database = database;
#pragma warning disable CA2000 // The factory that WithWebHostBuilder derives from is disposed with it.
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
#pragma warning restore CA2000
        {
            host.UseSetting("environment", "Development");
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.UseSetting("Logging:LogLevel:Default", "Critical"); // Not None: without any logger ASP.NET Core traces nothing.
            host.UseSetting("Logging:LogLevel:Microsoft", "Critical");
            host.UseSetting("Logging:LogLevel:Npgsql", "Critical");
            host.UseSetting("ConnectionStrings:webhooks", Patient(connectionString));
            host.UseSetting("ConnectionStrings:broker", broker);
            host.UseSetting("RateLimits:Global:Limit", "1000000"); // A test sends more in a minute than people may.
            host.UseSetting("Accept:CommitTimeout", "00:01:00"); // Other tests have the same two cores and disk: 5 s would be 503 now and then.
            foreach (var (name, value) in settings) host.UseSetting(name, value);
            if (configure is not null) host.ConfigureTestServices(configure);
        });
        _factory.UseKestrel();
        _factory.StartServer();
        Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null })
        {
            BaseAddress = _factory.ClientOptions.BaseAddress,
        };
    }

    /// <summary>Not traced: the service's telemetry is the whole process's, and would give its requests a span of their own for a parent.</summary>
    public HttpClient Client { get; }

    public Database Database { get; }

    /// <summary>How many webhooks wait for their commit, by the service's own gauge.</summary>
    public int Waiting
    {
        get
        {
            var waiting = 0;
            var meters = _factory.Services.GetRequiredService<IMeterFactory>();
            using var listener = new MeterListener
            {
                InstrumentPublished = (instrument, mine) =>
                {
                    if (instrument.Meter.Scope == meters && instrument.Name == "aspirewebhooks.commit.waiting") mine.EnableMeasurementEvents(instrument);
                },
            };
            listener.SetMeasurementEventCallback<int>((_, value, _, _) => waiting = value);
            listener.Start();
            listener.RecordObservableInstruments();
            return waiting;
        }
    }

    /// <summary>Without the service's own time limits, which a machine that stands still for some seconds would exceed.</summary>
    private static string Patient(string connectionString)
    {
        var patient = new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 60 };
        if (!patient.ShouldSerialize("Timeout")) patient.Timeout = 60;
        return patient.ConnectionString;
    }

    /// <summary>Starts it on a new database and the assembly's broker.</summary>
    public static async Task<IngestService> StartAsync(Servers servers, params (string Name, string Value)[] settings)
    {
        var database = new Database(await servers.CreateDatabaseAsync());
        return new(database, database.ConnectionString, servers.Broker, configure: null, settings);
    }

    /// <summary>Starts it with other servers than its own, or other services.</summary>
    /// <param name="database">Whose rows the test looks at.</param>
    /// <param name="connectionString">What the service is told.</param>
    /// <param name="broker">What the service is told.</param>
    /// <param name="configure">Replaces services.</param>
    /// <param name="settings">As in its configuration, <c>Accept:MaxBatch</c>.</param>
    public static IngestService Start(
        Database database, string connectionString, string broker, Action<IServiceCollection>? configure = null,
        params (string Name, string Value)[] settings) =>
        new(database, connectionString, broker, configure, settings);

    /// <summary>A webhook with an id of its own choosing.</summary>
    public static string Body(string id, string amount = "1500", string currency = "INR", string source = "acc_user_789") =>
        $$"""{"transaction_id":"{{id}}","source_account":"{{source}}","destination_account":"acc_merchant_456","amount":{{amount}}"""
        + $$""","currency":"{{currency}}"}""";

    public async Task<Answer> PostAsync(string body, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await SendAsync(HttpMethod.Post, Webhooks, content, headers);
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        var fields = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, fields, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Completes when that many webhooks wait for their commit, beside those that are being committed.</summary>
    public Task WaitForWaitingAsync(int count) => Eventually.TrueAsync(_ => Task.FromResult(Waiting == count), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
        await Database.DisposeAsync();
    }
}
