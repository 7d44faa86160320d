using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ServiceDefaults.Authentication;

namespace ServiceDefaults.Tests;

/// <summary>A small service as ours are put together, on a free port, in this process.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestService(WebApplication app)
    {
        _app = app;
        Http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Not traced: the service's telemetry is the whole process's, and would give its requests a span of their own for a parent.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public IReadOnlyCollection<string> Logs => _app.Services.GetRequiredService<LogLines>().Lines;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts it; what a service refuses to start with is thrown.</summary>
    public static async Task<TestService> StartAsync(
        Action<WebApplication>? map = null,
        Action<WebApplicationBuilder>? configure = null,
        string environment = "Development",
        IEnumerable<KeyValuePair<string, string>>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(
            settings?.Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure?.Invoke(builder);
        builder.AddServiceDefaults("shop", "A service for tests.");
        builder.AddApiKeyAuthentication();
        builder.Logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.None);
        builder.Services.AddSingleton<LogLines>().AddSingleton<ILoggerProvider>(services => services.GetRequiredService<LogLines>());

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseApiKeyAuthentication();
        app.MapServiceDefaults();
        map?.Invoke(app);
        await app.StartAsync(Cancelled);
        return new TestService(app);
    }

    /// <summary>Sends bytes as they are, which HttpClient would not: a header twice, a path that is rubbish. Gives back all
    /// that is answered until the connection is closed, so ask for that.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Http.BaseAddress!.Host, Http.BaseAddress.Port, Cancelled);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Cancelled);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Every log line with its exception, and so also proof that hosting logs, without which ASP.NET Core opens no trace.</summary>
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

internal static class Answers
{
    /// <summary>The body of an error, once it is certain that it is a whole and well-formed problem that fits its response.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        var problem = await response.JsonAsync();
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        foreach (var member in new[] { "type", "title", "detail", "error", "trace_id" }) Assert.NotEqual("", problem.GetProperty(member).GetString());
        Assert.Matches("^[a-z_]+$", problem.GetProperty("error").GetString());
        Assert.True(response.Headers.Contains("X-Request-ID"));
        return problem;
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return document.RootElement.Clone();
    }
}
