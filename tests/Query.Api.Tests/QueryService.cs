using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Query.Api.Tests;

/// <summary>Query.Api itself, on its own Kestrel, with the client that a test calls it by.</summary>
internal sealed class QueryService : IAsyncDisposable
{
    // The path goes out as it is written: percent-encoded rubbish must arrive as rubbish.
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly WebApplicationFactory<Program> _factory;
    private readonly Uri _address;

    public QueryService(string connectionString, params (string Name, string Value)[] settings)
    {
#pragma warning disable CA2000 // The factory that WithWebHostBuilder derives from is disposed with it.
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
#pragma warning restore CA2000
        {
            host.UseSetting("environment", "Development");
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.UseSetting("ConnectionStrings:webhooks", connectionString);
            foreach (var (name, value) in settings) host.UseSetting(name, value);
        });
        _factory.UseKestrel();
        _factory.StartServer();
        Client = _factory.CreateClient();
        _address = Client.BaseAddress!;
    }

    public HttpClient Client { get; }

    /// <summary>The service's own connections.</summary>
    public NpgsqlDataSource Database => _factory.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>Sends a GET for exactly these characters.</summary>
    public Task<HttpResponseMessage> GetAsync(string pathAndQuery) => SendAsync(HttpMethod.Get, pathAndQuery);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{_address.GetLeftPart(UriPartial.Authority)}{pathAndQuery}", AsWritten));
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The body of a 200.</summary>
    public async Task<JsonElement> GetJsonAsync(string pathAndQuery)
    {
        using var response = await GetAsync(pathAndQuery);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(new MediaTypeHeaderValue("application/json", "utf-8"), response.Content.Headers.ContentType);
        return await BodyOf(response);
    }

    /// <summary>The body of an error, which must be a whole problem of that status.</summary>
    public async Task<JsonElement> GetProblemAsync(string pathAndQuery, int status)
    {
        using var response = await GetAsync(pathAndQuery);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await BodyOf(response);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        foreach (var member in new[] { "type", "title", "detail", "error", "trace_id" }) Assert.NotEmpty(problem.GetProperty(member).GetString()!);
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _factory.DisposeAsync();
    }

    private static async Task<JsonElement> BodyOf(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
}
