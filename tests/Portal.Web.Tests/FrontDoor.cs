using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Web.Health;

namespace Portal.Web.Tests;

/// <summary>The portal itself, on its own Kestrel, and the client that a test calls it by.</summary>
internal sealed class FrontDoor : IAsyncDisposable
{
    /// <summary>Takes no connections anywhere.</summary>
    public const string Nowhere = "http://127.0.0.1:1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly WebApplicationFactory<Program> _factory;

    private FrontDoor(TimeProvider? clock, IEnumerable<(string Name, string? Value)> settings)
    {
#pragma warning disable CA2000 // The factory that WithWebHostBuilder derives from is disposed with it.
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
#pragma warning restore CA2000
        {
            host.UseSetting("environment", "Development");
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.ConfigureLogging(logging => logging.ClearProviders());
            foreach (var (name, value) in settings) host.UseSetting(name, value);
            host.ConfigureTestServices(services =>
            {
                // A machine with other work to do: neither a service that is asked for its health nor a sender may be cut off for being slow.
                services.AddHttpClient<ServiceProbe>(client => client.Timeout = Patience);
                services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null);
                if (clock is not null) services.AddSingleton(clock);
            });
        });
        _factory.UseKestrel();
        _factory.StartServer();
        using var client = _factory.CreateClient();
        Address = client.BaseAddress!;
        Client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            Expect100ContinueTimeout = Patience,
        })
        {
            BaseAddress = Address,
        };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>A door with each service at an address; one that is not named is nowhere.</summary>
    public static FrontDoor Open(
        string ingest = Nowhere, string query = Nowhere, string worker = Nowhere, TimeProvider? clock = null, params (string Name, string? Value)[] settings) =>
        new(clock, [.. Services(ingest, query, worker), .. settings]);

    /// <summary>Where the services are, as settings.</summary>
    public static (string Name, string? Value)[] Services(string ingest = Nowhere, string query = Nowhere, string worker = Nowhere) =>
        [("services:ingest-api:http:0", ingest), ("services:query-api:http:0", query), ("services:processor-worker:http:0", worker)];

    /// <summary>Sends a request for exactly these characters.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var target = new Uri($"{Address.GetLeftPart(UriPartial.Authority)}{pathAndQuery}", AsWritten);
        using var request = new HttpRequestMessage(method, target) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string pathAndQuery, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, pathAndQuery, null, headers);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
    }
}

internal static class Answers
{
    public static async Task<string> TextAsync(this HttpResponseMessage response) =>
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) => JsonElement.Parse(await response.TextAsync());

    /// <summary>The body of an error, which must be a whole problem with that status and code.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, int status, string error)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Single(response.Headers.GetValues("X-Request-ID"));
        var problem = await response.JsonAsync();
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(error, problem.GetProperty("error").GetString());
        foreach (var member in new[] { "type", "title", "detail", "trace_id" }) Assert.NotEmpty(problem.GetProperty(member).GetString()!);
        return problem;
    }
}
